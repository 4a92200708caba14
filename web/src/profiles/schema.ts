/** A form made of an engine's JSON Schema: which fields there are, and what is sent of what was typed. */
import type { ConfigProperty, ConfigSchema } from '@/api/views'

export type FieldKind = 'text' | 'secret' | 'number' | 'switch' | 'choice'

export interface ConfigField {
  name: string
  kind: FieldKind
  label: string
  help: string
  required: boolean
  options: string[]
  /** What holds when nothing is given, for people; empty where the engine decides. */
  usual: string
  isOn: boolean
}

export type ConfigValues = Record<string, string | boolean>

/** The type that a field has besides null. */
function plain(property: ConfigProperty): ConfigProperty {
  const found = property.anyOf?.find((one) => one.type !== 'null')
  return found === undefined ? property : { ...found, ...property, type: found.type, enum: found.enum }
}

function kindOf(property: ConfigProperty): FieldKind {
  const secret = property.writeOnly === true || property.anyOf?.some((one) => one.writeOnly === true) === true
  if (secret) return 'secret'
  const { type, enum: options } = plain(property)
  if (options !== undefined) return 'choice'
  if (type === 'boolean') return 'switch'
  return type === 'number' || type === 'integer' ? 'number' : 'text'
}

/** The fields of a schema, those that must be filled in first. */
export function fieldsOf(schema: ConfigSchema | null | undefined): ConfigField[] {
  const required = new Set(schema?.required ?? [])
  const fields = Object.entries(schema?.properties ?? {}).map(([name, property]): ConfigField => {
    const usual = property.default
    return {
      name,
      kind: kindOf(property),
      label: property.title ?? name,
      help: property.description ?? '',
      required: required.has(name),
      options: plain(property).enum ?? [],
      usual: typeof usual === 'string' || typeof usual === 'number' ? String(usual) : '',
      isOn: usual === true,
    }
  })
  return [...fields.filter((one) => one.required), ...fields.filter((one) => !one.required)]
}

/** What was filled in, with the schema's types; what was left empty is left out. */
export function configOf(fields: ConfigField[], values: ConfigValues): Record<string, unknown> {
  const config: Record<string, unknown> = {}
  for (const { name, kind } of fields) {
    const given = values[name]
    if (given === undefined || (typeof given === 'string' && given.trim() === '')) continue
    if (typeof given === 'boolean') config[name] = given
    else if (kind === 'number') config[name] = Number(given)
    else config[name] = given.trim()
  }
  return config
}

/** The fields that must be filled in and are not. */
export function missingOf(fields: ConfigField[], values: ConfigValues): ConfigField[] {
  return fields.filter((one) => one.required && one.kind !== 'switch' && String(values[one.name] ?? '').trim() === '')
}
