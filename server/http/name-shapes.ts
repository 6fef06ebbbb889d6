/** A piece of JSON, as an API's description is made of. */
type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** What may name a shape: a title of one word, as programs name types. */
const typeName = /^[A-Z][A-Za-z]+$/;

/**
 * Takes each schema whose title is a type's name out of the places that repeat it, into `components.schemas`, and refers
 * to it there: what is said four hundred times is then said once. Two different schemas of one title stay where they are.
 */
export function nameShapes<T extends object>(description: T): T {
  // What comes from the library is JSON: it is about to be sent as such.
  const whole = description as { readonly [key: string]: Json };
  const versions = new Map<string, Set<string>>();
  collect(whole.paths, versions);
  const named = new Set([...versions].filter(([, each]) => each.size === 1).map(([name]) => name));
  const schemas: Record<string, Json> = {};
  const paths = refer(whole.paths, named, schemas);
  const components = isObject(whole.components) ? whole.components : {};
  const before = isObject(components.schemas) ? components.schemas : {};
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...description, components: { ...components, schemas: { ...before, ...sorted } }, paths };
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function nameOf(json: { readonly [key: string]: Json }): string | undefined {
  const { title, type } = json;
  return type === 'object' && typeof title === 'string' && typeName.test(title) ? title : undefined;
}

function collect(json: Json, into: Map<string, Set<string>>): void {
  if (Array.isArray(json)) for (const each of json) collect(each, into);
  if (!isObject(json)) return;
  const name = nameOf(json);
  if (name) into.set(name, (into.get(name) ?? new Set()).add(JSON.stringify(json)));
  for (const each of Object.values(json)) collect(each, into);
}

function refer(json: Json, named: ReadonlySet<string>, into: Record<string, Json>): Json {
  if (Array.isArray(json)) return json.map((each) => refer(each, named, into));
  if (!isObject(json)) return json;
  const inside = Object.fromEntries(
    Object.entries(json).map(([key, each]) => [key, refer(each, named, into)]),
  );
  const name = nameOf(json);
  if (!name || !named.has(name)) return inside;
  into[name] = inside;
  return { $ref: `#/components/schemas/${name}` };
}
