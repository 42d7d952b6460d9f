import type { Actions } from '../state/keymap.ts'
import { useSurroundings, useWork } from './work.tsx'

export function DeskHeader({ actions }: { readonly actions: Actions }) {
  const { desk, me } = useWork()
  const { texts } = useSurroundings()
  const status = desk.presenceOf(me.id) ?? 'offline'
  return (
    <header>
      <h1>
        <img src="/icon.svg" alt="" width="24" height="24" /> Parley <span>{texts.desk}</span>
      </h1>
      <p className="line" data-line={desk.line} role="status">
        <span className="dot" aria-hidden="true" /> <span>{texts.line[desk.line]}</span>
      </p>
      <span className="space" />
      <button type="button" className="bar" aria-label={texts.actions.palette} onClick={actions.palette}>
        <span aria-hidden="true">☰</span>
      </button>
      <button type="button" className="bar" aria-label={texts.actions.help} onClick={actions.help}>
        <span aria-hidden="true">?</span>
      </button>
      <button type="button" className="bar" aria-label={texts.actions.settings} onClick={actions.settings}>
        <span aria-hidden="true">⚙</span>
      </button>
      <button
        type="button"
        className="presence"
        data-status={status}
        aria-haspopup="dialog"
        onClick={actions.presence}
      >
        <span className="dot" aria-hidden="true" />
        <span className="hidden">{texts.presence.label}: </span>
        {texts.presence[status]}
        {desk.madeSoBy === 'missed_offers' && ` · ${texts.presence.missedOffers}`}
      </button>
    </header>
  )
}
