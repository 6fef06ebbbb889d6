import { asProblem } from '../http/error-handling.ts';
import { Problem } from '../problem.ts';

/** Changes from one address in a minute: a whole hospital may share it. */
export const changeLimit = { max: 120, timeWindow: '1 minute', hook: 'preHandler' } as const;

/** The subject of the tokens of a case's forms. */
export function subjectOf(token: string): string {
  return `tracking:${token}`;
}

/** Values that were refused by their shape are, for whoever typed them, values to correct. */
export function asFormProblem(error: Parameters<typeof asProblem>[0]): Problem {
  const problem = asProblem(error);
  if (problem.statusCode !== 400) return problem;
  return new Problem(422, problem.code, { errors: problem.errors, cause: error });
}
