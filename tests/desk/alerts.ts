import { AlertRule, type PoolConfiguration } from '@parley/proto/workforce-configuration'
import { type deskWorld, until } from './world.ts'

/** Puts these rules into force beside all else that is. */
export async function watch(
  desk: Pick<Awaited<ReturnType<typeof deskWorld>>, 'pooled' | 'wishPool'>,
  ...alerts: readonly Parameters<typeof AlertRule.fromPartial>[0][]
): Promise<void> {
  const configured = async () =>
    (await desk.pooled()).flatMap(({ type, data }) =>
      type === 'PoolConfigured' ? ((data as { configuration?: PoolConfiguration }).configuration ?? []) : [],
    )
  const before = await configured()
  const configuration = {
    ...before.at(-1)!,
    hash: `rules ${before.length}`,
    alerts: alerts.map((alert) => AlertRule.fromPartial(alert)),
  }
  await desk.wishPool('ConfigurePool', { configuration })
  await until('the rules are in force', async () => (await configured()).length > before.length)
}
