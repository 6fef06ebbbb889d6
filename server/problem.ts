/**
 * Purpose: refusals a caller can understand, thrown by commands and routes alike.
 * Entry points: `Problem`; http/error-handling.ts answers with it, as JSON or as a page.
 * May import: server/texts.ts.
 */
import { Type } from 'typebox';
import type { Language, TextParameters, Texts } from './texts.ts';

/** One field at fault: `path` as a JSON pointer into the body, `key` of a sentence in the catalogues. */
export interface FieldProblem {
  readonly path: string;
  readonly key: string;
  readonly parameters?: TextParameters;
}

export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly [extension: string]: unknown;
}

/**
 * A refusal with its reason. `code` names the sentences `problems.<code>.title` and `problems.<code>.detail`
 * and ends the problem's `type`.
 */
export class Problem extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly errors: readonly FieldProblem[];
  readonly parameters: TextParameters;
  /** Members added to the JSON problem, such as `owner` of a lost claim. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    statusCode: number,
    code: string,
    options: {
      readonly errors?: readonly FieldProblem[];
      readonly parameters?: TextParameters;
      readonly extensions?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(`${statusCode} ${code}`, { cause: options.cause });
    this.name = 'Problem';
    this.statusCode = statusCode;
    this.code = code;
    this.errors = options.errors ?? [];
    this.parameters = options.parameters ?? {};
    this.extensions = options.extensions ?? {};
  }

  /** The problem in words. */
  describe(texts: Texts, language: Language): ProblemDetails {
    return {
      type: `/problems/${this.code}`,
      title: texts.say(language, `problems.${this.code}.title`, this.parameters),
      status: this.statusCode,
      detail: texts.say(language, `problems.${this.code}.detail`, this.parameters),
      ...(this.errors.length > 0 && {
        errors: this.errors.map((error) => ({
          path: error.path,
          message: texts.say(language, error.key, error.parameters),
        })),
      }),
      ...this.extensions,
    };
  }
}

/** The shape of every JSON error, for OpenAPI. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  },
  { additionalProperties: true, title: 'Problem', description: 'RFC 9457 problem details' },
);
