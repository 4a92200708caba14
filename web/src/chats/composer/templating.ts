/** From the parameters of a template to the values of a message. */
import type { TemplateParameter } from '@/api/views'
import { upload } from '@/messages/media'

export type Values = Record<string, string>

/** One field of the form. */
export function fieldKey(parameter: TemplateParameter): string {
  return `${parameter.place}:${parameter.kind}:${parameter.key}`
}

/** What the field asks for, as its label. */
export function fieldLabel(parameter: TemplateParameter): string {
  return parameter.label.charAt(0).toUpperCase() + parameter.label.slice(1)
}

/**
 * Upload the file that was chosen in an input and keep its id among the values. These are the ones of before the wait:
 * typing goes on meanwhile, and another template starts with values of its own. Throws ApiError.
 */
export async function fillFile(values: Values, key: string, event: Event): Promise<void> {
  const file = (event.target as HTMLInputElement).files?.[0]
  if (file === undefined) return
  const { id } = await upload(file)
  values[key] = id
}

/** What cannot be filled in by typing. */
export function unsupported(parameters: TemplateParameter[]): TemplateParameter[] {
  return parameters.filter((one) => one.card !== null || !isTyped(one))
}

function isTyped(parameter: TemplateParameter): boolean {
  if (parameter.place === 'header') return ['text', 'image', 'video', 'document'].includes(parameter.kind)
  if (parameter.place === 'body') return parameter.kind === 'text'
  return parameter.place === 'button' && ['url', 'copy_code', 'otp', 'quick_reply'].includes(parameter.kind)
}

export function isFile(parameter: TemplateParameter): boolean {
  return parameter.place === 'header' && parameter.kind !== 'text'
}

const named = (parameter: TemplateParameter, value: string) => (/^\d+$/.test(parameter.key) ? value : { name: parameter.key, text: value })

/** The fields of a send, as `POST /messages/template` takes them. */
export function asContent(parameters: TemplateParameter[], values: Values): Record<string, unknown> {
  const at = (place: string) => parameters.filter((one) => one.place === place && one.card === null)
  const value = (one: TemplateParameter) => values[fieldKey(one)] ?? ''
  const content: Record<string, unknown> = {}
  const header = at('header')
  const file = header.find(isFile)
  const texts = header.filter((one) => !isFile(one)).map((one) => named(one, value(one)))
  if (texts.length > 0) content.header = texts
  if (file !== undefined) content.mediaId = value(file)
  const body = at('body').map((one) => named(one, value(one)))
  if (body.length > 0) content.body = body
  const buttons = at('button')
  const urls = buttons.filter((one) => one.kind === 'url').map(value)
  if (urls.length > 0) content.urls = urls
  const code = buttons.find((one) => one.kind === 'copy_code' || one.kind === 'otp')
  if (code !== undefined) content.code = value(code)
  const replies = buttons.filter((one) => one.kind === 'quick_reply').map(value)
  if (replies.length > 0) content.quickReplies = replies
  return content
}
