/** What contacts are grouped by, as the native API shows it. */

/** A list, a tag or an attribute of contacts. */
export interface Label {
  id: string
  name: string
  color?: string
  kind?: 'text' | 'number' | 'date' | 'boolean'
  /** How many contacts have it. */
  contacts: number | null
  createdAt: string
}

export interface Segment {
  id: string
  name: string
  filter: Record<string, unknown>
  contacts: number | null
  createdAt: string
}
