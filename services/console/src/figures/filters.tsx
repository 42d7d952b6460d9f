import type { useAddress } from '../places/address.ts'
import { usePageTexts } from '../places/asked.tsx'
import { Choice, DateField } from '../places/fields.tsx'
import { type By, FUNNEL, GROUPS, type Group, countedBy } from './catalogue.ts'
import { useDefinitions } from './definitions/index.ts'
import { PRESETS, type Preset, presetPeriod } from './period.ts'
import type { Question } from './question.ts'
import { useFigureTexts } from './texts.ts'
import { WINDOWS } from './worth.ts'

interface FiltersProps {
  readonly question: Question
  readonly bys: readonly By[]
  readonly keys: readonly string[]
  readonly nameOf: (key: string) => string
  readonly today: string
  readonly change: ReturnType<typeof useAddress>[1]
}

export function Filters({ question, bys, keys, nameOf, today, change }: FiltersProps) {
  const texts = useFigureTexts()
  const page = usePageTexts()
  const definitions = useDefinitions()
  const { by, metric, window, period, key, isCompared } = question
  const listed = countedBy(by)
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      {bys.length > 1 && (
        <Choice
          label={texts.by}
          value={by}
          choices={bys.map((one) => [one, texts.bys[one]])}
          onChoose={(by) => change({ by, key: null })}
        />
      )}
      <label>
        {texts.metric}
        <select
          value={metric}
          onChange={({ currentTarget: { value } }) => change({ metric: value, key: null })}
        >
          {(Object.keys(GROUPS) as Group[]).map((group) => {
            const own = listed.filter((one) => one.group === group)
            return (
              own.length > 0 && (
                <optgroup key={group} label={texts.groups[group]}>
                  {own.map(({ name }) => (
                    <option key={name} value={name}>
                      {definitions[name][0]}
                    </option>
                  ))}
                </optgroup>
              )
            )
          })}
        </select>
      </label>
      {(keys.length > 1 || key !== undefined) && metric !== FUNNEL && (
        <Choice
          label={texts.key}
          value={key ?? ''}
          choices={[
            ['', page.all],
            ...[...new Set([...keys, ...(key === undefined ? [] : [key])])].map(
              (one) => [one, nameOf(one)] as const,
            ),
          ]}
          onChoose={(key) => change({ key })}
        />
      )}
      <Choice
        label={texts.window}
        value={window}
        choices={WINDOWS.map((one) => [one, texts.windows[one]])}
        onChoose={(window) => change({ window })}
      />
      <DateField label={page.from} value={period.from} onDate={(from) => change({ from, to: period.to })} />
      <DateField label={page.to} value={period.to} onDate={(to) => change({ from: period.from, to })} />
      <span className="presets" role="group" aria-label={texts.period}>
        {(Object.keys(PRESETS) as Preset[]).map((preset) => {
          const { from, to } = presetPeriod(preset, today)
          return (
            <button
              key={preset}
              type="button"
              className="plain"
              aria-pressed={from === period.from && to === period.to}
              onClick={() => change({ from, to })}
            >
              {texts.presets[preset]}
            </button>
          )
        })}
      </span>
      <label className="check">
        <input
          type="checkbox"
          checked={isCompared}
          onChange={({ currentTarget: { checked } }) => change({ compare: checked ? 'before' : null })}
        />{' '}
        {texts.compare}
      </label>
    </form>
  )
}
