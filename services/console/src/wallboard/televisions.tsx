import { useRef, useState } from 'react'
import { type Client, Refused } from '../api/client.ts'
import type { Format } from '../screen/format.ts'
import { type Called, keyCalled } from '../state/names.ts'
import type { Television, TelevisionFilter } from './shapes.ts'
import type { WallboardTexts } from './texts.ts'

const NARROWINGS = ['queue', 'team', 'vendor', 'flow'] as const

/** Addresses of screens on walls, which show these numbers to whoever opens them: each is told once, and may be ended. */
export function Televisions({
  client,
  texts,
  called,
  names,
  format,
}: {
  readonly client: Client
  readonly texts: WallboardTexts
  readonly called: Called
  /** Of teams, by id. */
  readonly names: Readonly<Record<string, string>> | undefined
  readonly format: Format
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const address = useRef<HTMLInputElement>(null)
  const [known, setKnown] = useState<readonly Television[]>()
  const [made, setMade] = useState<string>()
  const [isCopied, setIsCopied] = useState(false)
  const [failure, setFailure] = useState<string>()
  const attempt = async (work: () => Promise<void>) => {
    setFailure(undefined)
    try {
      await work()
      setKnown(await client.televisions())
    } catch (error) {
      const isFull = error instanceof Refused && error.code === 'TOO_MANY_TELEVISIONS'
      setFailure(isFull ? texts.tooManyTelevisions : texts.failed)
    }
  }
  const open = () => {
    setMade(undefined)
    setIsCopied(false)
    dialog.current?.showModal()
    void attempt(async () => undefined)
  }
  const add = async () => {
    setMade(await client.addTelevision(narrowingIn(location.search)))
    setIsCopied(false)
  }
  /** By hand at least: over plain http a page has no clipboard. */
  const copy = async (text: string) => {
    address.current?.focus()
    if (!isSecureContext) return
    await navigator.clipboard.writeText(text)
    setIsCopied(true)
  }
  return (
    <>
      <button type="button" className="bar" aria-haspopup="dialog" onClick={open}>
        <span aria-hidden="true">📺</span>
        <span className="hidden">{texts.televisions}</span>
      </button>
      <dialog ref={dialog} className="televisions" aria-labelledby="televisions">
        <h2 id="televisions">{texts.televisions}</h2>
        <p>{texts.televisionsHint}</p>
        <p>
          <button type="button" className="strong" onClick={() => void attempt(add)}>
            {texts.addTelevision}
          </button>
        </p>
        {made !== undefined && (
          <p className="made" role="status">
            <label>
              {texts.televisionMade}
              <input
                ref={address}
                readOnly
                value={made}
                onFocus={({ currentTarget }) => currentTarget.select()}
              />
            </label>
            <button type="button" onClick={() => void copy(made).catch(() => {})}>
              {isCopied ? texts.copied : texts.copy}
            </button>
          </p>
        )}
        {failure !== undefined && <p role="alert">{failure}</p>}
        {known?.length === 0 && <p className="small">{texts.noTelevisions}</p>}
        <ul>
          {known?.map(({ id, filter, expiresAt }) => (
            <li key={id} data-television={id}>
              <span>
                {texts.television(
                  NARROWINGS.flatMap((by) => {
                    const name = filter[by]
                    return name === undefined ? [] : [keyCalled(called, by, name, names)]
                  }).join(' · ') || texts.all,
                  format.day(expiresAt),
                )}
              </span>
              <button type="button" onClick={() => void attempt(() => client.endTelevision(id))}>
                {texts.endTelevision}
              </button>
            </li>
          ))}
        </ul>
        <form method="dialog">
          <button type="submit">{texts.close}</button>
        </form>
      </dialog>
    </>
  )
}

/** What the address of the wallboard is narrowed to. */
function narrowingIn(search: string): TelevisionFilter {
  const asked = new URLSearchParams(search)
  return Object.fromEntries(
    NARROWINGS.flatMap((name) => {
      const value = asked.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}
