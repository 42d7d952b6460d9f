import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Client } from '../api/client.ts'
import { PRESENCE, type Presence } from '../api/shapes.ts'
import { datesIn } from '../figures/period.ts'
import { PlacesNav } from '../places/places-nav.tsx'
import { formatOf } from '../screen/format.ts'
import { type Called, calledIn, keyCalled } from '../state/names.ts'
import { LANGUAGES, type Language } from '../state/written-language.ts'
import { Alerts, useAlertSound } from './alerts.tsx'
import {
  type Alarm,
  JUDGED,
  type Judged,
  QUIET,
  type Verdict,
  acknowledged,
  heard,
  judge,
} from './judging.ts'
import { openLine } from './line.ts'
import { GROUPINGS, type Group, type Grouping, type Numbers, type Targets, type Wallboard } from './shapes.ts'
import { Chime } from './sound.ts'
import { type WallboardTexts, numberText } from './texts.ts'
import { type Whose, whoseTotals } from './whose.ts'

export interface Shared {
  readonly texts: WallboardTexts
  readonly language: Language
  readonly onLanguage: (language: Language) => void
  readonly client: Client
  readonly onRefused: () => void
}

/** The service says something every two seconds. */
const SILENT_MS = 7_000
const GROUPS_SHOWN = 6

const ICONS: Readonly<Record<NonNullable<Verdict>, string>> = { good: '✓', near: '▲', breach: '✖' }

/** What is shown now, and how old that is by this machine's own clock: since it came, and since when it was not all that had happened. */
export function useWallboard(base: string, onRefused: () => void, narrowing = location.search) {
  const [shown, setShown] = useState<{ readonly wallboard: Wallboard; readonly atMs: number }>()
  const refused = useRef(onRefused)
  refused.current = onRefused
  useEffect(
    () =>
      openLine({
        address: `${base}/stream${narrowing}`,
        onShown: (wallboard) =>
          setShown({ wallboard, atMs: performance.now() - wallboard.behindSeconds * 1_000 }),
        onDark: () => setShown(undefined),
        onRefused: () => refused.current(),
      }),
    [base, narrowing],
  )
  return shown
}

export function WallboardPage({
  texts,
  language,
  onLanguage,
  client,
  base,
  onRefused,
  team = null,
  timeZone = 'UTC',
  mayLookAfter,
  permissions = [],
  isTelevision,
}: Shared & {
  readonly base: string
  /** Of who looks. */
  readonly team?: string | null
  /** The company's: whose day it is. */
  readonly timeZone?: string
  readonly mayLookAfter: boolean
  /** Of who looks: where else they may go. */
  readonly permissions?: readonly string[]
  readonly isTelevision: boolean
}) {
  const shown = useWallboard(base, onRefused)
  const targets = useTargets(client, base)
  const totals = shown?.wallboard.totals
  const verdicts = useMemo(
    () => (totals === undefined ? undefined : judge(totals, targets)),
    [totals, targets],
  )
  const alerts = shown?.wallboard.alerts
  const called = useMemo(() => calledIn(targets.names, language), [targets.names, language])
  const { alarm, see, isSounding, allow, sound } = useAlarm(
    verdicts === undefined ? undefined : JUDGED.filter((one) => verdicts[one] === 'breach'),
  )
  useAlertSound(alerts, sound)
  const format = useMemo(() => formatOf(texts.tag), [texts.tag])
  const percent = (value: number | null) => (value === null ? '–' : format.percent(value / 100))
  const rows: Rows = (which) => (isTelevision ? undefined : `/wallboard/live${narrowedTo(which)}`)
  const today = useMemo(() => datesIn(timeZone), [timeZone])(shown?.wallboard.at ?? Date.now())
  const counted: CountedRows = (metric, value, { by, keys }, part) =>
    isTelevision || value === null
      ? undefined
      : `/search?${new URLSearchParams([
          ['metric', metric],
          ...(by === '' ? [] : [['by', by]]),
          ...keys.map((key) => ['key', key]),
          ...(part === undefined ? [] : [['part', part]]),
          ['from', today],
          ['to', today],
        ])}`
  const of = whoseTotals(location.search, team, shown?.wallboard)
  // Who is offered to somebody waits still.
  const waits = rows({ view: 'waiting' })

  return (
    <div className="wallboard">
      <header>
        <h1>
          <img src="/icon.svg" alt="" width="24" height="24" /> {texts.title}
        </h1>
        <Age texts={texts} atMs={shown?.atMs} number={format.number} />
        <span className="space" />
        {!isTelevision && <PlacesNav permissions={permissions} language={language} />}
        <button type="button" className="bar" aria-pressed={isSounding} onClick={allow}>
          <span aria-hidden="true">{isSounding ? '🔔' : '🔕'}</span>
          <span className="hidden">{isSounding ? texts.soundOn : texts.soundOff}</span>
        </button>
        <LanguageChoice texts={texts} language={language} onLanguage={onLanguage} />
      </header>
      <Silence texts={texts} atMs={shown?.atMs} number={format.number} />
      {alarm.unseen.length > 0 && (
        <p className="breach" role="alert">
          <span aria-hidden="true">✖</span>{' '}
          {texts.breach(alarm.unseen.map((one) => numberText(texts, one)).join(', '))}
          <button type="button" onClick={see}>
            {texts.seen}
          </button>
        </p>
      )}
      <Alerts
        alerts={alerts ?? []}
        texts={texts}
        format={format}
        called={called}
        onLookAfter={
          mayLookAfter ? ({ id }) => void client.acknowledge(id).catch(() => undefined) : undefined
        }
        isTelevision={isTelevision}
      />
      {totals !== undefined && verdicts !== undefined && (
        <main>
          <div className="tiles">
            <Tile
              name={texts.numbers.waiting}
              value={format.number(totals.waiting + totals.offered)}
              href={waits}
              verdict={verdicts.waiting}
              target={
                targets.waitingMax === undefined ? undefined : texts.most(format.number(targets.waitingMax))
              }
              texts={texts}
            />
            <Tile
              name={texts.numbers.longestWait}
              value={format.stopwatch(totals.longestWaitSeconds)}
              href={waits}
              verdict={verdicts.longestWait}
              target={
                targets.longestWaitSecondsMax === undefined
                  ? undefined
                  : texts.most(format.stopwatch(targets.longestWaitSecondsMax))
              }
              texts={texts}
            />
            <Tile
              name={texts.numbers.withAgent}
              value={format.number(totals.withAgent)}
              href={rows({ stage: 'with_agent' })}
              detail={
                <>
                  {texts.numbers.parked}:{' '}
                  <Counted href={rows({ stage: 'parked' })}>{format.number(totals.parked)}</Counted>
                </>
              }
              texts={texts}
            />
            {shown!.wallboard.seesAll && (
              <Tile
                name={texts.numbers.withRobot}
                value={format.number(totals.withRobot)}
                href={rows({ stage: 'with_robot' })}
                detail={
                  <>
                    {texts.numbers.containment}:{' '}
                    <Counted href={counted('containment', totals.containmentPercent, of.robot)}>
                      {percent(totals.containmentPercent)}
                    </Counted>
                  </>
                }
                verdict={verdicts.containment}
                target={
                  targets.containmentPercentMin === undefined
                    ? undefined
                    : texts.least(percent(targets.containmentPercentMin))
                }
                texts={texts}
              />
            )}
            <Tile
              name={texts.numbers.serviceLevel}
              value={percent(totals.serviceLevelPercent)}
              href={counted('service_level', totals.serviceLevelPercent, of.waits, 'denominator')}
              verdict={verdicts.serviceLevel}
              target={
                targets.serviceLevelPercentMin === undefined
                  ? undefined
                  : texts.least(percent(targets.serviceLevelPercentMin))
              }
              texts={texts}
            />
            <Tile
              name={texts.numbers.abandoned}
              value={percent(totals.abandonedPercent)}
              href={counted('abandonment', totals.abandonedPercent, of.waits)}
              verdict={verdicts.abandoned}
              target={
                targets.abandonedPercentMax === undefined
                  ? undefined
                  : texts.most(percent(targets.abandonedPercentMax))
              }
              detail={
                <>
                  {texts.numbers.handled}:{' '}
                  <Counted href={counted('handled', totals.handledToday, of.handled)}>
                    {totals.handledToday === null ? '–' : format.number(totals.handledToday)}
                  </Counted>
                </>
              }
              texts={texts}
            />
          </div>
          <div className="below">
            <GroupTable
              wallboard={shown!.wallboard}
              texts={texts}
              called={called}
              names={targets.teams}
              number={format.number}
              stopwatch={format.stopwatch}
              percent={percent}
              rows={rows}
              counted={counted}
              isTelevision={isTelevision}
            />
            <AgentStates
              wallboard={shown!.wallboard}
              texts={texts}
              number={format.number}
              duration={format.duration}
              rows={rows}
              isTelevision={isTelevision}
            />
          </div>
        </main>
      )}
    </div>
  )
}

function Tile({
  name,
  value,
  href,
  verdict = null,
  target,
  detail,
  texts,
}: {
  readonly name: string
  readonly value: string
  /** The rows that it counts. */
  readonly href?: string | undefined
  readonly verdict?: Verdict
  readonly target?: string | undefined
  readonly detail?: ReactNode
  readonly texts: WallboardTexts
}) {
  const digits = <span className="digits">{value}</span>
  return (
    <section className="tile" data-verdict={verdict ?? 'none'} aria-label={name}>
      <h2>{name}</h2>
      {href === undefined ? (
        digits
      ) : (
        <a href={href} aria-label={`${name}: ${value}`}>
          {digits}
        </a>
      )}
      <p className="verdict">
        {verdict !== null && (
          <strong>
            <span aria-hidden="true">{ICONS[verdict]}</span> {texts.verdicts[verdict]}
          </strong>
        )}
        {target !== undefined && (
          <span>
            {' '}
            {verdict === null ? texts.nothingYet : ''} ({target})
          </span>
        )}
      </p>
      {detail !== undefined && <p className="detail">{detail}</p>}
    </section>
  )
}

/** The numbers by queue, team, vendor or flow: each opens the rows that it counts. */
function GroupTable({
  wallboard,
  texts,
  called,
  names,
  number,
  stopwatch,
  percent,
  rows,
  counted,
  isTelevision,
}: {
  readonly wallboard: Wallboard
  readonly texts: WallboardTexts
  readonly called: Called
  /** Of teams, by id. */
  readonly names: Readonly<Record<string, string>> | undefined
  readonly number: (value: number) => string
  readonly stopwatch: (seconds: number) => string
  readonly percent: (value: number | null) => string
  readonly rows: Rows
  readonly counted: CountedRows
  readonly isTelevision: boolean
}) {
  const [by, setBy] = useState(groupingIn(location.search))
  const { queues, teams, vendors, flows } = wallboard
  const all: readonly Group[] = { queue: queues, team: teams, vendor: vendors, flow: flows }[by]
  const groups = all.toSorted((one, other) => waitingIn(other) - waitingIn(one))
  const rest = groups.length - GROUPS_SHOWN
  // Flows are the robot's, and queues have their promises.
  const last = by === 'flow' ? 'containment' : 'serviceLevel'
  const shareRows = (group: Group) =>
    by === 'flow'
      ? counted('containment', group.containmentPercent, { by, keys: [group.name] })
      : counted(
          'service_level',
          group.serviceLevelPercent,
          { by: 'queue', keys: group.queues ?? [group.name] },
          'denominator',
        )
  const choose = (chosen: Grouping) => {
    history.replaceState(null, '', narrowedTo({ by: chosen }))
    setBy(chosen)
  }
  return (
    <section className="groups" aria-label={texts.groups[by]}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              {isTelevision ? (
                texts.groups[by]
              ) : (
                <label>
                  <span className="hidden">{texts.by}</span>
                  <select
                    value={by}
                    onChange={({ currentTarget: { value } }) => choose(groupingIn(`?by=${value}`))}
                  >
                    {GROUPINGS.filter((one) => one !== 'flow' || wallboard.seesAll).map((one) => (
                      <option key={one} value={one}>
                        {texts.groups[one]}
                      </option>
                    ))}
                  </select>
                </label>
              )}
            </th>
            <th scope="col">{texts.numbers.waiting}</th>
            <th scope="col">{texts.numbers.longestWait}</th>
            <th scope="col">{texts.numbers.withAgent}</th>
            {by === 'flow' && <th scope="col">{texts.numbers.withRobot}</th>}
            <th scope="col">{texts.numbers[last]}</th>
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, GROUPS_SHOWN).map((group) => (
            <tr key={group.name} data-name={group.name}>
              <th scope="row">{keyCalled(called, by, group.name, names)}</th>
              <td>
                <Counted href={rows({ [by]: group.name, view: 'waiting' })}>
                  {number(waitingIn(group))}
                </Counted>
              </td>
              <td>
                <Counted href={rows({ [by]: group.name, view: 'waiting' })}>
                  {stopwatch(group.longestWaitSeconds)}
                </Counted>
              </td>
              <td>
                <Counted href={rows({ [by]: group.name, stage: 'with_agent' })}>
                  {number(group.withAgent)}
                </Counted>
              </td>
              {by === 'flow' && (
                <td>
                  <Counted href={rows({ [by]: group.name, stage: 'with_robot' })}>
                    {number(group.withRobot)}
                  </Counted>
                </td>
              )}
              <td>
                <Counted href={shareRows(group)}>
                  {percent(by === 'flow' ? group.containmentPercent : group.serviceLevelPercent)}
                </Counted>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && <p>{texts.more(number(rest))}</p>}
    </section>
  )
}

function groupingIn(search: string): Grouping {
  const asked = new URLSearchParams(search).get('by')
  return GROUPINGS.find((one) => one === asked) ?? 'queue'
}

/** A number, and where its rows are. */
function Counted({ href, children }: { readonly href: string | undefined; readonly children: string }) {
  return href === undefined ? children : <a href={href}>{children}</a>
}

function AgentStates({
  wallboard,
  texts,
  number,
  duration,
  rows,
  isTelevision,
}: {
  readonly wallboard: Wallboard
  readonly texts: WallboardTexts
  readonly number: (value: number) => string
  readonly duration: (milliseconds: number) => string
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
              <strong>{number(of(status).length)}</strong> {texts.presence[status]}
              {since !== undefined && (
                <span className="small"> · {texts.longestSo(duration(at - Date.parse(since)))}</span>
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
                          {agent.since !== null && `${duration(at - Date.parse(agent.since))} · `}
                          {number(agent.load)}/{number(agent.capacity)}
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
          <Counted href={rows({ sends: 'failed' })}>{number(sendsFailed)}</Counted>
        </strong>{' '}
        · {texts.numbers.sendsUncertain}:{' '}
        <strong data-sends="uncertain">
          <Counted href={rows({ sends: 'uncertain' })}>{number(sendsUncertain)}</Counted>
        </strong>
      </p>
    </section>
  )
}

const waitingIn = ({ waiting, offered }: Numbers): number => waiting + offered

/** Where the conversations are that a figure of today counts. @param part of the figure: by default what is above the line */
type CountedRows = (
  metric: string,
  value: number | null,
  whose: Whose,
  part?: 'denominator',
) => string | undefined

/** Where the rows are that a number counts; undefined: nobody can open anything there. */
type Rows = (which: Readonly<Record<string, string>>) => string | undefined

function narrowedTo(which: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(which)) query.set(name, value)
  return `?${query}`
}

interface AgeProps {
  readonly texts: WallboardTexts
  readonly atMs: number | undefined
  readonly number: (value: number) => string
}

export function Age({ texts, atMs, number }: AgeProps) {
  const now = useTick(100)
  const ageMs = atMs === undefined ? undefined : now - atMs
  return (
    <p className="line" data-line={ageMs === undefined ? 'connecting' : ageMs > SILENT_MS ? 'lost' : 'live'}>
      <span className="dot" aria-hidden="true" />{' '}
      {ageMs === undefined ? texts.connecting : texts.live(number(Math.max(0, Math.floor(ageMs / 100) / 10)))}
    </p>
  )
}

export function Silence({ texts, atMs, number }: AgeProps) {
  const now = useTick(500)
  const [beganMs] = useState(() => performance.now())
  const silentMs = now - (atMs ?? beganMs)
  if (silentMs <= SILENT_MS) return null
  return (
    <p className="banner" role="alert">
      {texts.stopped(number(Math.floor(silentMs / 1_000)))}
    </p>
  )
}

export function LanguageChoice({
  texts,
  language,
  onLanguage,
}: Pick<Shared, 'texts' | 'language' | 'onLanguage'>) {
  const names: Readonly<Record<Language, string>> = { pt: 'Português', en: 'English', bn: 'বাংলা' }
  return (
    <label>
      <span className="hidden">{texts.language}</span>
      <select
        value={language}
        onChange={({ currentTarget: { value } }) => {
          const chosen = LANGUAGES.find((one) => one === value)
          if (chosen !== undefined) onLanguage(chosen)
        }}
      >
        {LANGUAGES.map((one) => (
          <option key={one} value={one}>
            {names[one]}
          </option>
        ))}
      </select>
    </label>
  )
}

function useTick(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

const NO_TARGETS: Targets = {}
/** They change when somebody applies another configuration. */
const TARGETS_EVERY_MS = 60_000

function useTargets(client: Client, base: string): Targets {
  const [targets, setTargets] = useState(NO_TARGETS)
  useEffect(() => {
    const read = () => void client.targets(base).then(setTargets, () => undefined)
    read()
    const timer = setInterval(read, TARGETS_EVERY_MS)
    return () => clearInterval(timer)
  }, [client, base])
  return targets
}

/** @param breaches undefined: nothing is known yet */
function useAlarm(breaches: readonly Judged[] | undefined) {
  const [alarm, setAlarm] = useState<Alarm>(QUIET)
  const [isSounding, setIsSounding] = useState(false)
  const chime = useRef(new Chime())
  const key = breaches?.join(' ')
  useEffect(() => {
    if (breaches === undefined) return
    const next = heard(alarm, breaches)
    if (next.sounds) chime.current.sound()
    setAlarm(next.alarm)
    // By what is in breach alone: what it makes of the alarm is no news to itself.
  }, [key])
  return {
    alarm,
    isSounding,
    see: () => setAlarm(acknowledged(alarm, breaches ?? [])),
    allow: () => void chime.current.allow().then(() => setIsSounding(true)),
    sound: useCallback(() => chime.current.sound(), []),
  }
}
