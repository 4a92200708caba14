/** What another hand wrote, among text from right to left. */
import { settings } from './settings'

/** Words that keep their own direction (a name, a file, a sentence of the server), so that their signs stay at their end. */
export const isolate = (words: string): string => (settings.direction === 'rtl' ? `\u2068${words}\u2069` : words)

/** The words without what `isolate` has put round them. */
export const unmarked = (words: string): string => words.replace(/[\u2066-\u2069]/g, '')
