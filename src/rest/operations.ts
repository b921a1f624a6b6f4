export interface OperationField {
  readonly name: string;
  readonly place: 'body' | 'query' | 'path' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly type: string;
  readonly binary: boolean;
  /** A value that works, where the schema has one. */
  readonly example?: unknown;
}

export interface Operation {
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly fields: readonly OperationField[];
}

type Values = Readonly<Record<string, unknown>>;

/** The operations of an OpenAPI document, in its order. */
export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries(values(values(document)['paths'])).flatMap(([path, methods]) =>
    Object.entries(values(methods)).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      summary: words(values(operation)['summary']),
      fields: [...parametersOf(values(operation)), ...bodyFieldsOf(values(operation))],
    })),
  );
}

function parametersOf({ parameters }: Values): readonly OperationField[] {
  return (Array.isArray(parameters) ? parameters : []).map((entry: unknown) => {
    const parameter = values(entry);
    const place = words(parameter['in']) as OperationField['place'];
    const schema = { description: parameter['description'], ...values(parameter['schema']) };
    return field(words(parameter['name']), schema, { place, required: parameter['required'] === true });
  });
}

/** The media types of a body share one schema. */
function bodyFieldsOf({ requestBody }: Values): readonly OperationField[] {
  const [content] = Object.values(values(values(requestBody)['content']));
  const schema = values(values(content)['schema']);
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  return Object.entries(values(schema['properties'])).map(([name, property]) =>
    field(name, values(property), { place: 'body', required: required.includes(name) }),
  );
}

function field(
  name: string,
  schema: Values,
  { place, required }: Pick<OperationField, 'place' | 'required'>,
): OperationField {
  return {
    name,
    place,
    required,
    description: words(schema['description']),
    type: words(schema['type']),
    binary: schema['format'] === 'binary',
    ...('example' in schema ? { example: schema['example'] } : {}),
  };
}

function values(value: unknown): Values {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
