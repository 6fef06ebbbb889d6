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
  const forBodies = withFormats(new Ajv({ ...strict, coerceTypes: false }));
  const forAddresses = withFormats(new Ajv({ ...strict, coerceTypes: 'array' }));
  const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
    (httpPart === 'body' ? forBodies : forAddresses).compile(schema);
  app.setValidatorCompiler(compiler);
  app.addHook('preValidation', refuseUnstorable);
}

/** The library's formats, but for days and instants: of these it lets through some that nothing can read. */
function withFormats(ajv: Ajv): Ajv {
  return addFormats.default(ajv).addFormat('date', isStorableDay).addFormat('date-time', isStorableInstant);
}

/** A day that the calendar has; PostgreSQL's has no year 0. */
function isStorableDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Without leap seconds, and with an offset in hours and minutes: any other is no instant to `Date`. */
const instant = /^([^T ]{10})[T ]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/i;

function isStorableInstant(text: string): boolean {
  const day = instant.exec(text)?.[1];
  return day !== undefined && isStorableDay(day);
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
