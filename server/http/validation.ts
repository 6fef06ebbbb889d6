import { Readable } from 'node:stream';
import { Ajv, type Options } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { type TObjectOptions, type TProperties, type TSchema, Type } from 'typebox';
import { type FieldProblem, Problem } from '../problem.ts';

/** An object in which unknown fields are refused, not dropped. */
export function strictObject<Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
) {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

/** Bodies are taken as they are; addresses and headers are text, so their numbers and booleans are read from it. */
export function registerValidation(app: FastifyInstance): void {
  // Up to the first fault: telling all those of a hostile body would take longer than reading it.
  const strict: Options = { allErrors: false, useDefaults: true, removeAdditional: false, strict: false };
  const forBodies = addFormats.default(new Ajv({ ...strict, coerceTypes: false }));
  const forAddresses = addFormats.default(new Ajv({ ...strict, coerceTypes: 'array' }));
  const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
    (httpPart === 'body' ? forBodies : forAddresses).compile(schema);
  app.setValidatorCompiler(compiler);
  app.addHook('preValidation', refuseUnstorable);
}

/** How deep a body may be nested; ours are three deep. */
const maxDepth = 32;

/**
 * PostgreSQL stores neither NUL nor half a surrogate pair: named here, rather than failing there. So is what is nested
 * too deep to be walked.
 */
async function refuseUnstorable(request: FastifyRequest): Promise<void> {
  const fault =
    // What is read as a stream, its route looks at.
    (request.body instanceof Readable ? undefined : findUnstorable(request.body, '')) ??
    findUnstorable(request.params, '/params') ??
    findUnstorable(request.query, '/querystring');
  if (fault) throw new Problem(400, 'invalid', { errors: [fault] });
}

function findUnstorable(value: unknown, path: string, depth = 0): FieldProblem | undefined {
  const fault = { path: path || '/', key: 'problems.fields.characters' };
  if (typeof value === 'string') return isStorable(value) ? undefined : fault;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === maxDepth) return { path, key: 'problems.fields.other' };
  for (const [name, inner] of Object.entries(value)) {
    if (!isStorable(name)) return fault;
    const found = findUnstorable(inner, `${path}/${name}`, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
