/** The words and the direction of the component library's own parts, in the language of the page. */
import type { Locale, Messages } from '@nuxt/ui'
import { shallowRef, watch } from 'vue'
import { language } from '@/i18n'

type Words = Locale<Messages>
/** English is the library's own. */
const LOADERS: Record<string, () => Promise<{ default: Words }>> = {
  'pt-BR': () => import('@nuxt/ui/runtime/locale/pt_br.js'),
  he: () => import('@nuxt/ui/runtime/locale/he.js'),
}

export const componentLocale = shallowRef<Words>()

watch(language, async (now) => {
  const loaded = await LOADERS[now.code]?.()
  // Another language may have been chosen meanwhile.
  if (language.value === now) componentLocale.value = loaded?.default
}, { immediate: true })
