/** The languages in which Meta takes templates, as it writes them; others may be typed. */
import { settings } from '@/format/settings'

export const LANGUAGE_CODES = [
  'en_US', 'en_GB', 'en', 'es', 'es_AR', 'es_ES', 'es_MX', 'pt_BR', 'pt_PT', 'id', 'hi', 'ar', 'he', 'fr', 'de', 'it', 'tr', 'ru', 'uk', 'nl', 'pl', 'ro', 'cs', 'sk', 'hu', 'el', 'bg', 'hr', 'sr',
  'sl', 'sq', 'mk', 'lt', 'lv', 'et', 'fi', 'sv', 'da', 'nb', 'ca', 'af', 'sw_KE', 'zu', 'ha', 'rw_RW', 'az', 'ka', 'kk', 'ky_KG', 'uz', 'fa', 'ur', 'bn', 'gu', 'kn', 'ml', 'mr', 'pa', 'ta', 'te', 'th', 'vi',
  'lo', 'ms', 'fil', 'ja', 'ko', 'zh_CN', 'zh_HK', 'zh_TW', 'ga',
]

/** Its name in the page's language; the code itself where it has none. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(settings.locale, { type: 'language' }).of(code.replace('_', '-')) ?? code
  } catch {
    return code
  }
}
