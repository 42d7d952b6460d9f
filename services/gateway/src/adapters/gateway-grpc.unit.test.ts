import { noteIn } from '@parley/conversation'
import { LogUnavailable } from '@parley/eventlog'
import type { NewCommand } from '@parley/kernel'
import type { RecordAct } from '@parley/service'
import { expect, test } from 'vitest'
import { type GatewayGrpcPorts, gatewayGrpc } from './gateway-grpc.ts'

function gateway() {
  const calls: string[] = []
  const entries: Parameters<RecordAct>[0][] = []
  const commands: NewCommand<any>[] = []
  let isLogAway = false
  const { handlers } = gatewayGrpc({
    accounts: new Map([['number-1', { phoneNumberId: 'number-1' }]]),
    contact: async () => ({ accountId: 'number-1', waId: '5511900000001', userId: '', parentUserId: '' }),
    async callBlocking(_account: unknown, method: string) {
      calls.push(method)
      const users = [{ input: '+5511900000001' }]
      return {
        outcome: 'answered',
        status: 200,
        json: { block_users: { added_users: users, removed_users: users } },
      }
    },
    async append(appended: readonly NewCommand<any>[]) {
      commands.push(...appended)
    },
    async record(entry: Parameters<RecordAct>[0]) {
      if (isLogAway) throw new LogUnavailable('away')
      entries.push(entry)
    },
    now: () => 0,
    newId: () => 'id',
  } as unknown as GatewayGrpcPorts)
  return {
    calls,
    entries,
    commands,
    loseLog: () => void (isLogAway = true),
    ask: (method: 'blockContact' | 'unblockContact', call: object) =>
      (handlers[method] as (...call: unknown[]) => Promise<unknown>)(
        { contactId: 'maria', reason: 'abuse' },
        {},
        call,
      ),
  }
}

test('a person who blocks and unblocks stands in the event itself; why is among the words and no fact', async () => {
  const { ask, commands, entries } = gateway()
  const call = { caller: 'agent', person: 'p01' }
  await ask('blockContact', call)
  await ask('unblockContact', call)
  expect(commands.map(({ type, actor }) => [type, actor])).toEqual([
    ['BlockContact', { kind: 'agent', id: 'p01' }],
    ['UnblockContact', { kind: 'agent', id: 'p01' }],
  ])
  for (const { data, content = [] } of commands) {
    expect(data).toMatchObject({ reason: '' })
    expect(noteIn(content)).toBe('abuse')
  }
  expect(entries).toEqual([])
})

test('an operator who blocks stands in the audit before the channel is asked, or nothing is done', async () => {
  const { ask, calls, entries, commands, loseLog } = gateway()
  const call = { caller: 'operator', person: undefined, operator: 'Zohra' }
  await ask('blockContact', call)
  expect(entries).toEqual([
    {
      type: 'operator_acted',
      person: null,
      subject: { kind: 'contact', id: 'maria' },
      fields: { act: 'block_contact', caller: 'operator' },
      words: { reason: 'abuse', operator: 'Zohra' },
    },
  ])
  expect(commands.map(({ actor }) => actor)).toEqual([{ kind: 'system', id: 'gateway' }])
  loseLog()
  await expect(ask('blockContact', call)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  expect([calls, commands.length]).toEqual([['POST'], 1])
})
