import { expect, test } from 'vitest'
import { z } from 'zod'
import { httpSettings, streamSettings } from './settings.ts'
import { SettingsError, readSettings } from '../settings.ts'

const schema = z.object({ ...httpSettings('AGENT'), ...streamSettings('AGENT') })

function refusalOf(env: NodeJS.ProcessEnv): SettingsError {
  try {
    readSettings(schema, env)
  } catch (error) {
    if (error instanceof SettingsError) return error
    throw error
  }
  throw new Error('The settings were accepted.')
}

test.each([
  ['AGENT_CONNECTIONS_PER_ADDRESS_MAX', 'AGENT_CONNECTIONS_MAX'],
  ['AGENT_STREAMS_PER_ADDRESS_MAX', 'AGENT_STREAMS_MAX'],
  ['AGENT_STREAMS_PER_SESSION_MAX', 'AGENT_STREAMS_PER_ADDRESS_MAX'],
])('%s above %s stops the start and says which to change', (part, whole) => {
  const { code, problems } = refusalOf({ [whole]: '100', [part]: '101' })
  expect(code).toBe('CONFIG_INVALID')
  expect(problems.filter(({ variable }) => variable === part)).toEqual([
    {
      variable: part,
      why: `it is above ${whole}`,
      how: expect.stringContaining(`lower it, or raise ${whole}: `),
    },
  ])
})

test('a limit of all below the default of one address is told of the one that is not set', () => {
  expect(refusalOf({ AGENT_CONNECTIONS_MAX: '2499' }).problems).toMatchObject([
    {
      variable: 'AGENT_CONNECTIONS_PER_ADDRESS_MAX',
      why: 'it is not set, and its default is above AGENT_CONNECTIONS_MAX',
    },
  ])
})

test('limits may be equal', () => {
  const env = {
    AGENT_CONNECTIONS_MAX: '10',
    AGENT_CONNECTIONS_PER_ADDRESS_MAX: '10',
    AGENT_STREAMS_MAX: '9',
    AGENT_STREAMS_PER_ADDRESS_MAX: '9',
    AGENT_STREAMS_PER_SESSION_MAX: '9',
  }
  expect(readSettings(schema, env)).toMatchObject({ connectionsPerAddressMax: 10, streamsPerSessionMax: 9 })
})
