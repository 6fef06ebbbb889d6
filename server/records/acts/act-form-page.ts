import { asProblem } from '../../http/error-handling.ts';
import { formField } from '../../http/forms.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { reason } from './act-form.ts';
import type { Restoring } from './set-act-state.ts';

/** Why, as the form's `reason` says it. @throws Problem 422 without three letters or more. */
export function reasonOf(body: unknown): string {
  const errors: { path: string; key: string }[] = [];
  const typed = reason(formField(body, 'reason'), '/reason', errors);
  if (typed === undefined) errors.push({ path: '/reason', key: 'records-acts.errors.reason_missing' });
  if (typed === undefined || errors.length > 0) throw new Problem(422, 'invalid', { errors });
  return typed.slice(0, 1000);
}

/**
 * What the form that takes an act back says, the reason to record an injection in spite of the rules among it.
 * @throws Problem 422 for a reason of fewer than three letters.
 */
export function restoringOf(body: unknown): Restoring {
  const errors: FieldProblem[] = [];
  const overrideReason = reason(formField(body, 'overrideReason'), '/overrideReason', errors)?.slice(0, 1000);
  const why = reasonOf(body);
  if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
  return { reason: why, overrideReason, notADuplicate: formField(body, 'notADuplicate') === 'yes' };
}

/** A conflict is one to people too, whatever the protocol's word for it; shapes that were refused are to be corrected. */
export function asFormProblem(error: Parameters<typeof asProblem>[0]): Problem {
  const problem = asProblem(error);
  const status = problem.statusCode === 412 ? 409 : problem.statusCode === 400 ? 422 : problem.statusCode;
  if (status === problem.statusCode) return problem;
  const { code, errors, parameters, extensions } = problem;
  return new Problem(status, code, { errors, parameters, extensions, cause: error });
}
