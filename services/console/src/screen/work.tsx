import { useMantineColorScheme } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import {
  type ReactNode,
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { type Client, Refused, Unreachable, newKey } from '../api/client.ts'
import type { Accepted, Row, View } from '../api/shapes.ts'
import { serviceNow } from '../state/clock.ts'
import { refusalText } from '../state/refusal-text.ts'
import { type Settings, keepSettings, keptSettings, personSettings } from '../state/settings.ts'
import { type Called, type Names, calledIn } from '../state/names.ts'
import { type Toast, withToast } from '../state/toasts.ts'
import type { Workplace } from '../state/workplace.ts'
import { TEXTS, type Texts } from '../texts/index.ts'
import { type Format, formatOf } from './format.ts'

interface Surroundings {
  readonly texts: Texts
  readonly format: Format
  readonly settings: Settings
  readonly change: (settings: Partial<Settings>) => void
  readonly toasts: readonly Toast[]
  readonly tell: (toast: Omit<Toast, 'id'>) => void
  readonly dismiss: (id: string) => void
}

const SurroundingsContext = createContext<Surroundings | undefined>(undefined)
const WorkplaceContext = createContext<Workplace | undefined>(undefined)

const TOLD_MS = 5_000

/** Language, settings and what is told in passing: there before anybody is known to be signed in. */
export function SurroundingsProvider({ children }: { readonly children: ReactNode }) {
  const [settings, setSettings] = useState(keptSettings)
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const dismiss = useCallback((id: string) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const tell = useCallback(
    (toast: Omit<Toast, 'id'>) => {
      const id = newKey()
      setToasts((all) => withToast(all, { ...toast, id }))
      // What went wrong stays until somebody has seen it.
      if (toast.kind === 'told') setTimeout(() => dismiss(id), TOLD_MS)
    },
    [dismiss],
  )
  const change = useCallback((changed: Partial<Settings>) => {
    setSettings((before) => {
      const after = { ...before, ...changed }
      keepSettings(after)
      return after
    })
  }, [])
  const texts = TEXTS[settings.language]
  const format = useMemo(() => formatOf(texts.tag), [texts.tag])
  useEffect(() => {
    document.documentElement.lang = texts.tag
  }, [texts.tag])
  // Else it writes a style element into the page, which its policy does not take.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  useEffect(() => setColorScheme(settings.scheme), [setColorScheme, settings.scheme])
  const surroundings = useMemo(
    () => ({ texts, format, settings, change, toasts, tell, dismiss }),
    [texts, format, settings, change, toasts, tell, dismiss],
  )
  return <SurroundingsContext value={surroundings}>{children}</SurroundingsContext>
}

export const WorkplaceProvider = WorkplaceContext.Provider

export function useSurroundings(): Surroundings {
  const surroundings = useContext(SurroundingsContext)
  if (surroundings === undefined) throw new Error('This is shown outside of the desk.')
  return surroundings
}

export const useTexts = (): Texts => useSurroundings().texts
export const useFormat = (): Format => useSurroundings().format

/** The company's names, and of what the rules close for those of the desk. */
export function useCalled(names: Names | undefined): Called {
  const { texts, settings } = useSurroundings()
  return useMemo(() => {
    const called = calledIn(names, settings.language)
    return (kind, code) => (kind === 'closeReasons' && texts.closeReasons[code]) || called(kind, code)
  }, [names, settings.language, texts])
}

/** Takes up the person's settings as they were left anywhere, and keeps there what is changed here. */
export function useSettingsOfPerson(client: Client): void {
  const { settings, change } = useSurroundings()
  const { data } = useQuery({ queryKey: ['settings'], queryFn: client.settings, staleTime: Infinity })
  const kept = useRef<string>(undefined)
  const keeping = useRef<Promise<unknown>>(Promise.resolve())
  useEffect(() => {
    if (data === undefined) return
    if (kept.current === undefined) {
      kept.current = JSON.stringify(personSettings({ ...settings, ...data }))
      change(data)
      return
    }
    const now = personSettings(settings)
    const text = JSON.stringify(now)
    if (text === kept.current) return
    const before = kept.current
    kept.current = text
    // One after the other: of two that are under way at once the older one may come last, and stand.
    keeping.current = keeping.current
      .then(() => client.tell('PUT', '/api/settings', now))
      .catch(() => {
        // This browser has them; the next change brings them all.
        if (kept.current === text) kept.current = before
      })
  }, [client, change, data, settings])
}

/** Renders again whenever the desk learns something. */
export function useWork(): Workplace {
  const work = useContext(WorkplaceContext)
  if (work === undefined) throw new Error('This is shown before anybody is signed in.')
  useSyncExternalStore(work.subscribe, () => work.revision)
  return work
}

/** The present moment by the service's clock, often enough for what is shown. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serviceNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(serviceNow()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

/** The first page of a list, read once: the stream keeps it true until all has to be read anew. */
export const listQuery = (work: Workplace, view: View) =>
  queryOptions({
    queryKey: ['rows', view, work.desk.readingOf(view)],
    queryFn: () => work.readRows(view, null).then(() => true),
    staleTime: Infinity,
  })

const MINE_FRESH_MS = 30_000

/** Reads a conversation when it is opened, and again when what is known may have holes. */
export function useThread(work: Workplace, id: string) {
  const { desk } = work
  const row = desk.row(id)
  const isMine = isOwnedBy(row, work.me.id)
  const query = useQuery({
    queryKey: ['thread', id, desk.epoch],
    queryFn: () => work.readThread(id).then(() => true),
    // What is mine is kept true by the stream, all but a draft begun at another desk; of what is not, words were missed while nobody looked.
    staleTime: isMine ? MINE_FRESH_MS : 0,
    refetchOnWindowFocus: isMine,
    retry: (count, error) => error instanceof Unreachable && count < 5,
  })
  // Who gets it again reads it again, however lately that was. Once for each word of it, for it may be gone again.
  const triedAt = useRef<string>(undefined)
  useEffect(() => {
    const wasAnswered = query.isSuccess || query.error instanceof Refused
    if (row?.lastMessage === undefined || !wasAnswered || query.isFetching) return
    if (desk.thread(id) !== undefined && !desk.isMissed(id)) return
    const at = `${id} ${desk.epoch} ${row.version}`
    if (triedAt.current === at) return
    triedAt.current = at
    void query.refetch()
  })
  return query
}

export const isOwnedBy = (row: Row | undefined, personId: string): boolean =>
  row?.owner?.kind === 'agent' && row.owner.id === personId

/** What this person had revealed here: on record each time, and gone with what shows it. */
export function useReveal(conversationId: string): {
  readonly revealed: ReadonlyMap<string, string>
  readonly reveal: (key: string, what: { messageId: string } | { learnt: string }) => void
} {
  const { client } = useWork()
  const { texts, tell } = useSurroundings()
  const [revealed, setRevealed] = useState<ReadonlyMap<string, string>>(new Map())
  const reveal = (key: string, what: { messageId: string } | { learnt: string }) =>
    void client
      .reveal(conversationId, what)
      .then((text) => setRevealed((before) => new Map(before).set(key, text)))
      .catch((error: unknown) =>
        tell({
          kind: 'trouble',
          text: error instanceof Refused ? refusalText(texts, error) : texts.unreachable,
        }),
      )
  return { revealed, reveal }
}

const UNDECIDED_TRIES = 10

/**
 * Carries out a wish of the person, once at a time. What is refused is told, by `explained` where it knows more than the code says; what gets no answer may be tried again, as the same wish.
 * @returns the answer; undefined where it was not done
 */
export function useAct(): (
  method: 'POST' | 'PUT',
  path: string,
  body?: object,
  told?: string,
  explained?: (refused: Refused) => Promise<string | undefined>,
) => Promise<Accepted | undefined> {
  const work = useContext(WorkplaceContext)
  const { texts, tell } = useSurroundings()
  return useCallback(
    (method, path, body = {}, told, explained) => {
      const key = newKey()
      const wish = JSON.stringify([method, path, body])
      const attempt = async (): Promise<Accepted | undefined> => {
        if (work === undefined || work.underWay.has(wish)) return undefined
        work.underWay.add(wish)
        try {
          for (let tries = 0; tries < UNDECIDED_TRIES; tries += 1) {
            const answer = await work.client.change(method, path, body, key)
            if (answer.commandId === undefined) {
              if (told !== undefined) tell({ kind: 'told', text: told })
              return answer
            }
          }
          throw new Unreachable('It is not decided.')
        } catch (error) {
          if (error instanceof Refused)
            tell({
              kind: 'trouble',
              text: (await explained?.(error)) ?? refusalText(texts, error, work?.me.id),
            })
          else if (error instanceof Unreachable)
            tell({
              kind: 'trouble',
              text: texts.unreachable,
              action: { label: texts.retry, run: () => void attempt() },
            })
          else throw error
          return undefined
        } finally {
          work.underWay.delete(wish)
        }
      }
      return attempt()
    },
    [work, texts, tell],
  )
}
