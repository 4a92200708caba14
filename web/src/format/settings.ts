/** Language, its direction, and zone of everything that is formatted. Reactive: what is on the screen follows. */
import { reactive } from 'vue'

export const settings = reactive({ locale: 'en', direction: 'ltr' as 'ltr' | 'rtl', timezone: 'UTC' })
