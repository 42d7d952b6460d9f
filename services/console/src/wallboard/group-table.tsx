import { useState } from 'react'
import type { Format } from '../screen/format.ts'
import { type Called, keyCalled } from '../state/names.ts'
import { type Behind, Counted, narrowedTo, percentOf } from './counted.tsx'
import { waitingIn } from './judging.ts'
import { GROUPINGS, type Group, type Grouping, type Wallboard } from './shapes.ts'
import type { WallboardTexts } from './texts.ts'

const GROUPS_SHOWN = 6

/** The numbers by queue, team, vendor or flow: each opens the rows that it counts. */
export function GroupTable({
  wallboard,
  texts,
  called,
  names,
  format,
  rows,
  counted,
  isTelevision,
}: Behind & {
  readonly wallboard: Wallboard
  readonly texts: WallboardTexts
  readonly called: Called
  /** Of teams, by id. */
  readonly names: Readonly<Record<string, string>> | undefined
  readonly format: Format
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
                  {format.number(waitingIn(group))}
                </Counted>
              </td>
              <td>
                <Counted href={rows({ [by]: group.name, view: 'waiting' })}>
                  {format.stopwatch(group.longestWaitSeconds)}
                </Counted>
              </td>
              <td>
                <Counted href={rows({ [by]: group.name, stage: 'with_agent' })}>
                  {format.number(group.withAgent)}
                </Counted>
              </td>
              {by === 'flow' && (
                <td>
                  <Counted href={rows({ [by]: group.name, stage: 'with_robot' })}>
                    {format.number(group.withRobot)}
                  </Counted>
                </td>
              )}
              <td>
                <Counted href={shareRows(group)}>
                  {percentOf(format, by === 'flow' ? group.containmentPercent : group.serviceLevelPercent)}
                </Counted>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && <p>{texts.more(format.number(rest))}</p>}
    </section>
  )
}

function groupingIn(search: string): Grouping {
  const asked = new URLSearchParams(search).get('by')
  return GROUPINGS.find((one) => one === asked) ?? 'queue'
}
