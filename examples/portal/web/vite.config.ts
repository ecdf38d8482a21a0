import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** sonner puts its styles into a `<style>` element when it is loaded, which our Content-Security-Policy forbids. Its
 * stylesheet is imported as a file instead (src/components/ui/sonner.tsx). */
const sonnerWithoutInlineStyles: Plugin = {
  name: 'sonner-without-inline-styles',
  transform(code, id) {
    if (!id.includes('/sonner/dist/index.mjs')) return
    const without = code.replace(/^__insertCSS\(.*$/m, '')
    if (without === code)
      this.error('sonner no longer inserts its styles as it did: look at this plugin again')
    return without
  },
}

/** What many pages are made of. Menus, questions and lists bring large libraries, which not every page needs. */
const isPart = (id: string) =>
  /[\\/]src[\\/](components|lib|api)[\\/][^\\/]+$|[\\/]lucide-react[\\/]/.test(id) &&
  !/[\\/](menu|confirm|data-table|virtual-grid)\.tsx$/.test(id)

export default defineConfig({
  plugins: [react(), tailwindcss(), sonnerWithoutInlineStyles],
  resolve: {
    alias: {
      '@': path('./src'),
      // The same for the library that stops the page behind a dialog from scrolling.
      'react-style-singleton': path('./src/lib/style-singleton.ts'),
    },
  },
  build: {
    // Files of their own: a policy that allows data: addresses would allow more than these.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // tools/compress.mjs reads it.
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Else each part that two pages share is a file: twelve to see a list, and a browser asks for six at once.
            { name: 'parts', test: isPart, minShareCount: 3 },
            {
              name: 'lists',
              test: /[\\/]data-table\.tsx|[\\/]virtual-grid\.tsx|@tanstack[\\/](react-)?(table|virtual)/,
            },
          ],
        },
      },
    },
  },
  test: { include: ['tests/*.test.ts'] },
  server: {
    proxy: { '^/(api|openapi.json|healthz|readyz)': process.env.PORTAL_URL ?? 'http://127.0.0.1:8080' },
  },
})
