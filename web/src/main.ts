import ui from '@nuxt/ui/vue-plugin'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { queryClient } from './api/queries'
import { i18n, preferredLanguage, useLanguage } from './i18n'
import { router } from './router'
import './styles.css'

await useLanguage(preferredLanguage())

createApp(App)
  .use(router)
  .use(i18n)
  .use(ui)
  .use(VueQueryPlugin, { queryClient })
  .mount('#app')
