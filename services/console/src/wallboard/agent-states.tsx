import { PRESENCE, type Presence } from '../api/shapes.ts'
import type { Format } from '../screen/format.ts'
import { Counted, type Rows } from './counted.tsx'
import type { Wallboard } from './shapes.ts'
import type { WallboardTexts } from './texts.ts'

/** Who is there, by how they are there; below it what did not reach customers. */
export function AgentStates({
  wallboard,
  texts,
  format,
  rows,
  isTelevision,
}: {
  readonly wallboard: Wallboard
  readonly texts: WallboardTexts
  readonly format: Format
  readonly rows: Rows
  readonly isTelevision: boolean
}) {
  const { sendsFailed, sendsUncertain } = wallboard.totals
  const at = Date.parse(wallboard.at)
  const of = (status: Presence) => wallboard.agents.filter((agent) => agent.status === status)
  const there = PRESENCE.filter((status) => status !== 'offline' && of(status).length > 0)
  return (
    <section className="agents" aria-label={texts.agents}>
      <h2>{texts.agents}</h2>
      {there.length === 0 && <p>{texts.noAgents}</p>}
      <ul>
        {there.map((status) => {
          const since = of(status)
            .flatMap((agent) => agent.since ?? [])
            .toSorted()[0]
          const count = (
            <>
              <strong>{format.number(of(status).length)}</strong> {texts.presence[status]}
              {since !== undefined && (
                <span className="small"> · {texts.longestSo(format.duration(at - Date.parse(since)))}</span>
              )}
            </>
          )
          return (
            <li key={status} data-status={status}>
              {isTelevision ? (
                count
              ) : (
                <details>
                  <summary>{count}</summary>
                  <ul>
                    {of(status).map((agent) => (
                      <li key={agent.id} data-agent={agent.id}>
                        <bdi>{agent.name ?? agent.id}</bdi>{' '}
                        <span className="small">
                          {agent.since !== null && `${format.duration(at - Date.parse(agent.since))} · `}
                          {format.number(agent.load)}/{format.number(agent.capacity)}
                        </span>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </li>
          )
        })}
      </ul>
      <h2>{texts.sends}</h2>
      <p className="sends">
        {texts.numbers.sendsFailed}:{' '}
        <strong data-sends="failed">
          <Counted href={rows({ sends: 'failed' })}>{format.number(sendsFailed)}</Counted>
        </strong>{' '}
        · {texts.numbers.sendsUncertain}:{' '}
        <strong data-sends="uncertain">
          <Counted href={rows({ sends: 'uncertain' })}>{format.number(sendsUncertain)}</Counted>
        </strong>
      </p>
    </section>
  )
}
