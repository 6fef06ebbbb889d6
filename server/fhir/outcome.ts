import { type FieldProblem, Problem } from '../problem.ts';
import type { Language, Texts } from '../texts.ts';
import type { Fault } from './structure.ts';

/** A resource sent to us that is refused: every fault with its FHIRPath. */
export class FaultyResource extends Problem {
  readonly faults: readonly Fault[];

  constructor(status: 400 | 422, faults: readonly Fault[]) {
    super(status, 'invalid');
    this.faults = faults;
  }
}

export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome';
  readonly issue: readonly {
    readonly severity: 'error' | 'warning' | 'information';
    readonly code: string;
    readonly details: { readonly text: string };
    readonly expression?: readonly string[];
  }[];
}

/** FHIR's word for each status that we answer with. */
const codes: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-supported',
  406: 'not-supported',
  409: 'conflict',
  410: 'deleted',
  412: 'conflict',
  413: 'too-long',
  415: 'not-supported',
  422: 'processing',
  428: 'required',
  429: 'throttled',
  503: 'transient',
};

/** Where the fields of our commands are in an Immunization. */
const expressions: Readonly<Record<string, string>> = {
  '/occurredAt': 'Immunization.occurrence',
  '/vaccine': 'Immunization.vaccineCode',
  '/lot': 'Immunization.lotNumber',
  '/lotExpiry': 'Immunization.expirationDate',
  '/place/finess': 'Immunization.location.identifier.value',
  '/place/name': 'Immunization.location.display',
  '/performedBy': 'Immunization.performer',
  '/doseVolume': 'Immunization.doseQuantity',
  '/overrideReason': 'Immunization.extension',
  '/reason': 'Immunization.extension',
};

/** What is to be told of an Immunization that was taken: what is doubtful in it, or that nothing is. */
export function takenOutcome(
  texts: Texts,
  language: Language,
  warnings: readonly FieldProblem[],
): OperationOutcome {
  if (warnings.length === 0) {
    const text = texts.say(language, 'fhir.outcomes.taken');
    return {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', code: 'informational', details: { text } }],
    };
  }
  return {
    resourceType: 'OperationOutcome',
    issue: warnings.map(({ path, key, parameters }) => {
      const expression = expressions[path];
      return {
        severity: 'warning',
        code: 'business-rule',
        details: { text: texts.say(language, key, parameters) },
        ...(expression !== undefined && { expression: [expression] }),
      };
    }),
  };
}

/** A refusal in FHIR's words, the sentences in the caller's language. @param findings what the dose rules say. */
export function operationOutcome(
  texts: Texts,
  language: Language,
  problem: Problem,
  findings: readonly string[] = [],
): OperationOutcome {
  const issue = (code: string, text: string, expression?: string) => ({
    severity: 'error' as const,
    code,
    details: { text },
    ...(expression !== undefined && { expression: [expression] }),
  });
  if (problem instanceof FaultyResource) {
    return {
      resourceType: 'OperationOutcome',
      issue: problem.faults.map((fault) =>
        issue(fault.code, texts.say(language, `fhir.faults.${fault.key}`), fault.expression),
      ),
    };
  }
  const { detail, errors = [] } = problem.describe(texts, language);
  const code = codes[problem.statusCode] ?? (problem.statusCode >= 500 ? 'exception' : 'invalid');
  const said = errors.map(({ path, message }) => issue(code, message, expressions[path]));
  // What the dose rules say stands beside the refusal, one issue each.
  const warned = findings.map((finding) => issue('business-rule', finding, 'Immunization'));
  return {
    resourceType: 'OperationOutcome',
    issue: [...(said.length > 0 ? said : [issue(code, detail)]), ...warned],
  };
}
