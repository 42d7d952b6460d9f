import { useState } from 'react'
import { type Client, Refused, newKey } from '../api/client.ts'
import type { Accepted } from '../api/shapes.ts'
import { useTexts } from '../screen/work.tsx'
import { useJudgingTexts } from './texts.ts'
import { refusalText } from '../state/refusal-text.ts'

const TRIES_MAX = 5

interface Wish {
  readonly isUnderWay: boolean
  /** Why it was not done; empty: nothing to say. */
  readonly trouble: string
  /** @returns the answer; undefined where it was not done */
  readonly wish: (path: string, body: object) => Promise<Accepted | undefined>
}

/** A wish to the rules of judging. Sent again after no answer, it is the same wish while its words are the same. */
export function useWish(client: Client): Wish {
  const texts = useJudgingTexts()
  const desk = useTexts()
  const [isUnderWay, setIsUnderWay] = useState(false)
  const [trouble, setTrouble] = useState('')
  const [said, setSaid] = useState({ words: '', key: '' })
  const wish = async (path: string, body: object): Promise<Accepted | undefined> => {
    const words = JSON.stringify([path, body])
    const key = said.words === words ? said.key : newKey()
    setSaid({ words, key })
    setIsUnderWay(true)
    setTrouble('')
    try {
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const answer = await client.change('POST', path, body, key)
        if (answer.commandId === undefined) return answer
      }
      setTrouble(desk.unreachable)
    } catch (error) {
      setTrouble(
        error instanceof Refused
          ? (texts.refusals[error.code] ?? refusalText(desk, error))
          : desk.unreachable,
      )
      // What was refused is another wish when it is tried again.
      if (error instanceof Refused) setSaid({ words: '', key: '' })
    } finally {
      setIsUnderWay(false)
    }
    return undefined
  }
  return { isUnderWay, trouble, wish }
}
