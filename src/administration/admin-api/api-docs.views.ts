import type { ViewModels, Words } from '../../platform/view-model.ts';

/** A schema of the document (JSON Schema 2020-12), as far as the page shows it. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  description?: string;
  [limit: string]: unknown;
}

interface Content {
  'application/json'?: { schema?: Schema; example?: unknown };
}

interface Response {
  $ref?: string;
  description: string;
  content?: Content;
}

interface Operation {
  summary: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content?: Content };
  responses?: Record<string, Response>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  tags?: { name: string; description?: string }[];
  servers?: { url: string }[];
  components?: {
    schemas?: Record<string, Schema>;
    responses?: Record<string, Response>;
    securitySchemes?: Record<string, { flows?: { clientCredentials?: Flow } }>;
  };
}

interface Flow {
  tokenUrl?: string;
  scopes?: Record<string, string>;
}

interface Given extends Words {
  document: Document;
}

interface OperationGiven extends Given {
  method: string;
  path: string;
  server: string;
  operation: Operation;
}

const LIMITS = ['format', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'];

/** Longer bodies of an example have a line for each field. */
const ONE_LINE = 40;

const isDefined = (value: unknown) => value !== undefined;
const jsonOf = (value: unknown) => (isDefined(value) ? JSON.stringify(value) : undefined);
const nameOfRef = (ref: string) => ref.split('/').at(-1)!;
const jsonIn = (content: Content | undefined) => content?.['application/json'];

/** The page of the API's document: its operations by their tags, and its schemas. */
export const apiDocsViewModels: ViewModels = {
  'api-docs': ({ document }: Given) => {
    const { components = {} } = document;
    const operations = operationsOf(document);
    const tags = [...new Set(operations.map(({ tag }) => tag))];
    const schemes = Object.values(components.securitySchemes ?? {});
    const flow = schemes.find(({ flows }) => flows?.clientCredentials)?.flows?.clientCredentials;
    return {
      groups: tags.map((tag) => ({
        tag,
        id: `tag-${tag.replace(/\W+/g, '-').toLowerCase()}`,
        description: document.tags?.find(({ name }) => name === tag)?.description,
        operations: operations.filter((operation) => operation.tag === tag),
      })),
      schemas: Object.entries(components.schemas ?? {}),
      server: document.servers?.[0]?.url ?? '',
      flow,
      scopes: Object.entries(flow?.scopes ?? {}),
    };
  },

  'partials/api/curl': (given: OperationGiven & { schema?: Schema; example?: unknown }) => {
    const { document, method, path, server, operation, schema, example } = given;
    const needed = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query' && parameter.required);
    const query = needed.map(({ name }) => `${name}=$${name.toUpperCase()}`).join('&');
    const value = schema && (example ?? sampleOf(schema, document));
    const isLong = JSON.stringify(value ?? null).length > ONE_LINE;
    return {
      address: server + path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`),
      query: query && `?${query}`,
      // A shell ends a text in quotes at the next quote.
      json: schema && JSON.stringify(value, null, isLong ? 2 : 0).replaceAll("'", String.raw`'\''`),
      verb: method === 'get' ? '' : method.toUpperCase(),
    };
  },

  'partials/api/limits': ({ schema, t }: Words & { schema: Schema }) => {
    const isLimit = (name: string) =>
      isDefined(schema[name]) && Math.abs(Number(schema[name])) !== Number.MAX_SAFE_INTEGER;
    const say = (name: string) => t(`apiDocs.limits.${name}`, { value: schema[name], count: schema[name] });
    return {
      limits: LIMITS.filter(isLimit).map(say).join(' · '),
      usual: jsonOf(schema.default),
      example: jsonOf(schema.example),
    };
  },

  'partials/api/operation': ({ document, operation }: OperationGiven) => {
    const responses = Object.entries(operation.responses ?? {}).map(([status, response]) => {
      const found = response.$ref ? document.components?.responses?.[nameOfRef(response.$ref)] : response;
      const description = found?.description ?? '';
      return { status, description, lines: description.split(/\n+/), schema: jsonIn(found?.content)?.schema };
    });
    return {
      body: jsonIn(operation.requestBody?.content),
      good: responses.filter(({ status }) => status < '4'),
      bad: responses.filter(({ status }) => status >= '4'),
    };
  },

  'partials/api/path': ({ address }: { address: string }) => ({ parts: address.split('/') }),

  'partials/api/prose': ({ text }: { text: string }) => ({
    parts: text.split('`').map((part, place) => ({ text: part, isCode: place % 2 === 1 })),
  }),

  'partials/api/rows': ({ schema, prefix }: { schema: Schema; prefix: string }) => ({
    rows: Object.entries(schema.properties ?? {}).map(([name, property]) => {
      const isList = property.type === 'array';
      const inner = isList ? property.items : property;
      return {
        row: {
          name: prefix + name,
          schema: property,
          required: schema.required?.includes(name),
          description: property.description,
          place: undefined,
        },
        inner: inner?.properties && { schema: inner, prefix: `${prefix}${name}${isList ? '[]' : ''}.` },
      };
    }),
  }),

  'partials/api/type': ({ schema, t }: Words & { schema: Schema }) => ({
    named: schema.$ref && nameOfRef(schema.$ref),
    fixed: jsonOf(schema.const),
    choices: schema.anyOf ?? schema.oneOf ?? schema.allOf,
    plain: [schema.type ?? 'any']
      .flat()
      .map((type) => t(`apiDocs.types.${type}`, { defaultValue: type }))
      .join(` ${t('apiDocs.or')} `),
  }),
};

function operationsOf({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.responses)
      .map(([method, operation]) => ({
        method,
        path,
        operation,
        tag: operation.tags?.[0] ?? '',
        id: `${method}${path.replace(/\W+/g, '-').replace(/-$/, '')}`,
      })),
  );
}

/** A value of this schema, with what it must have and what has an example. */
function sampleOf(of: Schema | undefined, document: Document): unknown {
  const schema = of?.$ref ? document.components?.schemas?.[nameOfRef(of.$ref)] : of;
  const { example, properties, required = [], items, type } = schema ?? {};
  if (example !== undefined) return example;
  if (properties) {
    const shown = Object.entries(properties).filter(
      ([name, property]) => required.includes(name) || isDefined(property.example),
    );
    return Object.fromEntries(shown.map(([name, property]) => [name, sampleOf(property, document)]));
  }
  const simple: Record<string, unknown> = {
    array: items ? [sampleOf(items, document)] : [],
    object: {},
    integer: 1,
    number: 1,
    boolean: true,
  };
  return schema?.enum?.[0] ?? schema?.default ?? simple[String(type)] ?? '…';
}
