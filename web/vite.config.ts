import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = fileURLToPath(new URL('./src', import.meta.url))

// The server that `npm run dev` passes calls on to.
const server = process.env.JACKFIELD_URL ?? 'http://127.0.0.1:3001'
const proxy = Object.fromEntries(
  ['/api', '/media', '/simulator'].map((path) => [path, { target: server, ws: path === '/api' }]),
)

export default defineConfig({
  plugins: [
    vue(),
    ui({
      ui: {
        colors: { primary: 'teal', neutral: 'slate', success: 'emerald', error: 'rose', warning: 'amber', info: 'sky' },
        // The library's own colours for these have less than 4.5:1; it lightens a button under the pointer.
        button: {
          compoundVariants: [
            { color: 'primary', variant: 'solid', class: 'hover:bg-primary-800 active:bg-primary-800 dark:hover:bg-primary-300 dark:active:bg-primary-300' },
            { color: 'error', variant: 'solid', class: 'hover:bg-error-800 active:bg-error-800 dark:hover:bg-error-300 dark:active:bg-error-300' },
          ],
        },
        alert: { slots: { title: 'text-highlighted', description: 'text-default opacity-100' } },
        select: { slots: { placeholder: 'text-muted' } },
        selectMenu: { slots: { placeholder: 'text-muted' } },
      },
      // Icons are found by their literal names in the source and shipped with it; nothing is asked of another host.
      icon: { clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'] } } },
    }),
  ],
  resolve: { alias: { '@': source } },
  server: { proxy },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
    // What two pages or more need is one file. With one for each combination of pages, the inbox asked for 85 files; now
    // for four, and is there in half the time: 2.1 s for 4.5 s with an empty cache on a busy machine.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] } } },
  },
  // A busy machine takes longer than five seconds to load a page.
  test: { testTimeout: 60_000, environment: 'happy-dom', include: ['src/**/*.test.ts'], globals: false },
})
