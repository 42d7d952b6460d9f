import type { ReactNode } from 'react'
import { useFormat } from '../screen/work.tsx'
import { useFigureTexts } from './texts.ts'

/** More of them nobody reads on a screen. */
export const ROWS_SHOWN = 200

export function More({ count }: { readonly count: number }) {
  const texts = useFigureTexts()
  const format = useFormat()
  return count > 0 && <p className="small">{texts.more(format.number(count))}</p>
}

/** What is wider than the screen scrolls by itself, by keys as well. */
export function Scrolled({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="scrolled" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}
