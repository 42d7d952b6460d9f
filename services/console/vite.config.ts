import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const HERE = import.meta.dirname

export default defineConfig({
  root: HERE,
  base: '/desk/',
  plugins: [react()],
  build: {
    rolldownOptions: {
      input: [join(HERE, 'index.html'), join(HERE, 'wallboard.html'), join(HERE, 'pages.html')],
    },
    // The page's policy takes neither `data:` nor a script in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
  },
})
