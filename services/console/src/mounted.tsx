import { MantineProvider } from '@mantine/core'
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { SurroundingsProvider } from './screen/work.tsx'

/** Puts a page of the console where its document has the place for it. */
export function mount(queries: QueryClient, content: ReactNode): void {
  const place = document.getElementById('desk')
  if (place === null) throw new Error('The page has no place for what it shows.')
  createRoot(place).render(
    // Neither of the style elements that Mantine would write into the page: its policy takes styles from files alone.
    <MantineProvider
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
      withStaticClasses={false}
    >
      <QueryClientProvider client={queries}>
        <SurroundingsProvider>{content}</SurroundingsProvider>
      </QueryClientProvider>
    </MantineProvider>,
  )
}
