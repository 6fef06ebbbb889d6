import { Ajv, type Options } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { type TObjectOptions, type TProperties, type TSchema, Type } from 'typebox';
import { Problem } from '../problem.ts';

/** An object in which unknown fields are refused, not dropped. */
export function strictObject<Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
) {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

/** Bodies are taken as they are; addresses and headers are text, so their numbers and booleans are read from it. */
export function registerValidation(app: FastifyInstance): void {
  const strict: Options = { allErrors: true, useDefaults: true, removeAdditional: false, strict: false };
  const forBodies = addFormats.default(new Ajv({ ...strict, coerceTypes: false }));
  const forAddresses = addFormats.default(new Ajv({ ...strict, coerceTypes: 'array' }));
  const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
    (httpPart === 'body' ? forBodies : forAddresses).compile(schema);
  app.setValidatorCompiler(compiler);
  app.addHook('preValidation', refuseUnstorable);
}

/** PostgreSQL stores neither NUL nor half a surrogate pair: named here, rather than failing there. */
async function refuseUnstorable(request: FastifyRequest): Promise<void> {
  const path =
    findUnstorable(request.body, '') ??
    findUnstorable(request.params, '/params') ??
    findUnstorable(request.query, '/querystring');
  if (path !== undefined) {
    throw new Problem(400, 'invalid', { errors: [{ path: path || '/', key: 'problems.fields.characters' }] });
  }
}

function findUnstorable(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (name.includes('\0') || !name.isWellFormed()) return path;
    const found = findUnstorable(inner, `${path}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
