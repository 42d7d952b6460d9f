import '@mantine/core/styles.css'
import '@mantine/core/styles/default-css-variables.css'
import './screen/desk.css'
import { QueryClient, useQuery } from '@tanstack/react-query'
import { RouterProvider, createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { Client } from './api/client.ts'
import type { Me } from './api/shapes.ts'
import { mount } from './mounted.tsx'
import { DeskPage } from './screen/desk-page.tsx'
import { WorkplaceProvider, useSettingsOfPerson, useTexts } from './screen/work.tsx'
import { Workplace } from './state/workplace.ts'

const signedOut = (): void => location.assign(`/sign-in?returnTo=${encodeURIComponent(location.pathname)}`)
const client = new Client(signedOut)

const root = createRootRoute({ component: DeskPage })
const router = createRouter({
  basepath: '/desk',
  routeTree: root.addChildren([
    createRoute({ getParentRoute: () => root, path: '/' }),
    createRoute({ getParentRoute: () => root, path: '/$view' }),
    createRoute({ getParentRoute: () => root, path: '/$view/$conversationId' }),
  ]),
})
declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

const queries = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false } } })

function Entrance() {
  const texts = useTexts()
  const { data, isError, refetch } = useQuery({ queryKey: ['me'], queryFn: client.me, staleTime: Infinity })
  if (data !== undefined) return <SignedIn me={data} />
  return (
    <main className="entrance">
      <h1>{texts.desk}</h1>
      {isError ? (
        <>
          <p role="alert">{texts.failedStart}</p>
          <button type="button" onClick={() => void refetch()}>
            {texts.retry}
          </button>
        </>
      ) : (
        <p role="status">{texts.loading}</p>
      )}
    </main>
  )
}

function SignedIn({ me }: { readonly me: Me }) {
  const work = useMemo(() => new Workplace(me, client, signedOut), [me])
  useEffect(() => work.open(), [work])
  useSettingsOfPerson(client)
  return (
    <WorkplaceProvider value={work}>
      <RouterProvider router={router} />
    </WorkplaceProvider>
  )
}

mount(queries, <Entrance />)
