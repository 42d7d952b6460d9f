import type { ReactNode } from 'react'
import type { Verdict } from './judging.ts'
import type { WallboardTexts } from './texts.ts'

const ICONS: Readonly<Record<NonNullable<Verdict>, string>> = { good: '✓', near: '▲', breach: '✖' }

/** A number beside what it should be. */
export function Tile({
  name,
  value,
  href,
  verdict = null,
  target,
  detail,
  isOfDetail = false,
  texts,
}: {
  readonly name: string
  readonly value: string
  /** The rows that it counts. */
  readonly href?: string | undefined
  readonly verdict?: Verdict
  readonly target?: string | undefined
  readonly detail?: ReactNode
  /** What is judged is the detail, and not the number above it. */
  readonly isOfDetail?: boolean
  readonly texts: WallboardTexts
}) {
  const digits = <span className="digits">{value}</span>
  const about = detail !== undefined && <p className="detail">{detail}</p>
  return (
    <section
      className="tile"
      data-verdict={verdict ?? 'none'}
      data-of={isOfDetail ? 'detail' : undefined}
      aria-label={name}
    >
      <h2>{name}</h2>
      {href === undefined ? (
        digits
      ) : (
        <a href={href} aria-label={`${name}: ${value}`}>
          {digits}
        </a>
      )}
      {isOfDetail && about}
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
      {!isOfDetail && about}
    </section>
  )
}
