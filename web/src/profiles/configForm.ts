/** What is typed into a form made of a schema, and what the server says of each field. */
import { computed, type Ref, ref } from 'vue'
import { ApiError } from '@/api/client'
import type { ConfigSchema } from '@/api/views'
import { text } from '@/i18n'
import { reasonOf } from '@/ui/act'
import { configOf, type ConfigValues, fieldsOf, missingOf } from './schema'

export function useConfigForm(schema: Ref<ConfigSchema | null | undefined>) {
  const fields = computed(() => fieldsOf(schema.value))
  const values = ref<ConfigValues>({})
  const errors = ref<Record<string, string>>({})
  /** What was refused, and belongs to no field. */
  const problem = ref<string | null>(null)

  /** Whether everything is there that must be. */
  function check(): boolean {
    errors.value = Object.fromEntries(missingOf(fields.value, values.value).map((one) => [one.name, text('channels.form.required')]))
    return Object.keys(errors.value).length === 0
  }
  function refuse(error: unknown): void {
    errors.value = {}
    if (error instanceof ApiError) {
      for (const { name } of fields.value) {
        const why = error.field(`config.${name}`)
        if (why !== undefined) errors.value[name] = why
      }
    }
    problem.value = Object.keys(errors.value).length === 0 ? reasonOf(error) : null
  }
  function clear(): void {
    values.value = {}
    errors.value = {}
    problem.value = null
  }
  return { fields, values, errors, problem, check, refuse, clear, config: () => configOf(fields.value, values.value) }
}
