import { expect, test } from 'vitest'
import { settingsFrom } from './settings.ts'

const GOOD = {
  IDENTITY_PASSWORD_SECRET: 'tj4Qw8zLr2Xv6Nb1',
  OIDC_CLIENT_SECRET: 'mK7pHs3dYf9Gc5Ta',
  OIDC_CLIENT_ID: 'parley-console',
  OIDC_ISSUER: 'http://localhost:4704',
  AGENT_PUBLIC_URL: 'http://localhost:4700',
}

test.each(['IDENTITY_PASSWORD_SECRET', 'OIDC_CLIENT_SECRET'])(
  '%s, from which others could work out passwords, is no example, not short and not monotonous',
  (name) => {
    expect(settingsFrom(GOOD)).toMatchObject({ [name]: expect.any(String) })
    for (const secret of ['changeme-changeme', 'a'.repeat(16), 'tj4Qw8zLr2Xv6Nb'])
      expect(settingsFrom({ ...GOOD, [name]: secret })).toEqual({
        problem: expect.stringContaining(name),
      })
  },
)
