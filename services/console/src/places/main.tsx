import '@mantine/core/styles.css'
import '@mantine/core/styles/default-css-variables.css'
import '../screen/desk.css'
import './pages.css'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { Suspense, lazy } from 'react'
import { createRoot } from 'react-dom/client'
import { Client } from '../api/client.ts'
import { Unreachable } from '../api/client.ts'
import { SurroundingsProvider, useSettingsOfPerson, useTexts } from '../screen/work.tsx'
import { Asked } from './asked.tsx'
import type { PageProps } from './frame.tsx'

const signedOut = (): void =>
  location.assign(`/sign-in?returnTo=${encodeURIComponent(location.pathname + location.search)}`)
const client = new Client(signedOut)

const FiguresPage = lazy(() => import('../figures/figures-page.tsx'))
const SearchPage = lazy(() => import('../search/search-page.tsx'))
const JudgingPage = lazy(() => import('../judging/judging-page.tsx'))

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof Unreachable && count < 2,
    },
  },
})

function SignedIn() {
  const texts = useTexts()
  const me = useQuery({ queryKey: ['me'], queryFn: client.me, staleTime: Infinity })
  useSettingsOfPerson(client)
  return (
    <Asked query={me} bare>
      {(known) => (
        <Suspense fallback={<p className="quiet">{texts.loading}</p>}>
          <Page client={client} me={known} />
        </Suspense>
      )}
    </Asked>
  )
}

function Page(props: PageProps) {
  const { pathname } = location
  if (pathname === '/search') return <SearchPage {...props} />
  if (pathname.startsWith('/judging')) return <JudgingPage {...props} />
  return <FiguresPage {...props} />
}

const place = document.getElementById('desk')
if (place === null) throw new Error('The page has no place for what it shows.')
createRoot(place).render(
  // As on the desk: the policy of the page takes styles from files alone.
  <MantineProvider
    defaultColorScheme="auto"
    withCssVariables={false}
    withGlobalClasses={false}
    withStaticClasses={false}
  >
    <QueryClientProvider client={queries}>
      <SurroundingsProvider>
        <SignedIn />
      </SurroundingsProvider>
    </QueryClientProvider>
  </MantineProvider>,
)
