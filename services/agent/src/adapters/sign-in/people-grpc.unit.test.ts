import type { Role } from '@parley/people'
import { somebody } from '@parley/testkit'
import type { Presence } from '@parley/workforce'
import { expect, test } from 'vitest'
import { peopleGrpc } from './people-grpc.ts'

/** Ana, and what is done about her, in its order. */
function operated() {
  const done: string[] = []
  let status: Presence = 'offline'
  let isActive = true
  let roles: readonly Role[] = ['agent']
  const ana = somebody('ana', 'north', 'agent')
  const { handlers } = peopleGrpc(
    {
      byLogin: () => ana,
      logins: ['ana'],
      present: async () => (isActive ? { ...ana, roles } : undefined),
      async setActive(_, wanted) {
        done.push('written')
        isActive = wanted
        return true
      },
      async setRoles(_, wanted) {
        done.push('written')
        roles = wanted
        return true
      },
    },
    {
      async actedOnChange() {
        done.push('in force')
        return []
      },
    },
    async () => {},
    {
      signOut: async (...said: readonly unknown[]) => void done.push(`signed out ${JSON.stringify(said)}`),
      comeBack: async (id) => void done.push(`${id} is back`),
    },
    { has: () => true, now: () => ({ agents: [], queues: [], flows: [] }), statusOf: () => status },
  )
  const call = async (method: string, request: object) => {
    const handler = handlers[method] as (...asked: readonly unknown[]) => Promise<unknown>
    await handler(request, undefined, { caller: 'operator' })
    return done.splice(0)
  }
  return { call, isThere: () => (status = 'available') }
}

test('who is deactivated, or may answer nobody any more, has nothing once that is in force, whatever wish of theirs was under way', async () => {
  const { call, isThere } = operated()
  const signedOut = 'signed out ["ana",{"isForGood":true}]'
  const gone = ['written', signedOut, 'in force', signedOut]
  expect(await call('deactivatePerson', { login: 'ana' })).toEqual(gone)
  expect(await call('activatePerson', { login: 'ana' })).toEqual(['written', 'in force', 'ana is back'])
  expect(await call('setRoles', { login: 'ana', roles: ['auditor'] })).toEqual(gone)
  expect(await call('setRoles', { login: 'ana', roles: ['agent', 'auditor'] })).toEqual([
    'written',
    'in force',
    'ana is back',
  ])
  isThere()
  expect(await call('setRoles', { login: 'ana', roles: ['agent'] })).toEqual(['written', 'in force'])
})
