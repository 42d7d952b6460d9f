import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Refused } from '../api/client.ts'
import { Empty } from '../screen/empty.tsx'
import { useSurroundings, useTexts } from '../screen/work.tsx'
import { PAGE_TEXTS } from './texts.ts'
import { refusalText } from '../state/refusal-text.ts'

interface AskedProps<Answer> {
  readonly query: UseQueryResult<Answer>
  /** Nothing but the page stands around it. */
  readonly bare?: boolean
  readonly children: (answer: Answer) => ReactNode
}

export const usePageTexts = () => PAGE_TEXTS[useSurroundings().settings.language]

/** What was answered; or that it is on its way, is not allowed, cannot be asked so, or failed, which all look different. */
export function Asked<Answer>({ query, bare = false, children }: AskedProps<Answer>) {
  const desk = useTexts()
  const texts = usePageTexts()
  const { data, error, refetch } = query
  if (data !== undefined && error === null) return children(data)
  const shown =
    error === null ? (
      <p className="quiet" role="status">
        {desk.loading}
      </p>
    ) : error instanceof Refused ? (
      <div role="alert" data-state={error.status === 403 ? 'not-allowed' : 'refused'}>
        {error.status === 403 ? (
          <Empty title={texts.notAllowed} hint={texts.notAllowedHint} />
        ) : (
          <Empty title={texts.refused} hint={texts.refusals[error.code] ?? refusalText(desk, error)} />
        )}
      </div>
    ) : (
      <div role="alert" data-state="failed">
        <Empty
          title={texts.failed}
          hint={texts.failedHint}
          action={{ label: desk.retry, run: () => void refetch() }}
        />
      </div>
    )
  return bare ? <main className="entrance">{shown}</main> : shown
}
