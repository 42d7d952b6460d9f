import '@mantine/core/styles.css'
import '@mantine/core/styles/default-css-variables.css'
import '../screen/desk.css'
import './pages.css'
import { QueryClient, useQuery } from '@tanstack/react-query'
import { Suspense, lazy } from 'react'
import { Client, Unreachable } from '../api/client.ts'
import { mount } from '../mounted.tsx'
import { useSettingsOfPerson, useTexts } from '../screen/work.tsx'
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

mount(queries, <SignedIn />)
