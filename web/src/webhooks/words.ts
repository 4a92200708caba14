/** Events and formats in words. */
import { text, type TextKey } from '@/i18n'
import { type Family, shorten } from './model'

const FORMATS = ['native', 'chatly', 'chattu']
export const formatWord = (format: string): string => (FORMATS.includes(format) ? text(`webhooks.formats.${format}` as TextKey) : format)
export const eventWords = (events: string[], all: Family[]): string => (events.includes('*') ? text('webhooks.everything') : shorten(events, all).join(', '))
