import type { Language } from '../state/written-language.ts'
import { type Place, placesOf } from './places.ts'

const NAMES: Readonly<Record<Language, Readonly<Record<Place['name'] | 'all', string>>>> = {
  pt: {
    all: 'Páginas',
    mine: 'Mesa',
    wallboard: 'Painel',
    live: 'Ao vivo',
    figures: 'Indicadores',
    search: 'Busca',
    judging: 'Avaliações',
  },
  en: {
    all: 'Pages',
    mine: 'Desk',
    wallboard: 'Wallboard',
    live: 'Live',
    figures: 'Figures',
    search: 'Search',
    judging: 'Judging',
  },
  bn: {
    all: 'পাতা',
    mine: 'ডেস্ক',
    wallboard: 'ওয়ালবোর্ড',
    live: 'চলমান',
    figures: 'সূচক',
    search: 'খোঁজ',
    judging: 'মূল্যায়ন',
  },
}

interface PlacesNavProps {
  readonly permissions: readonly string[]
  readonly language: Language
}

/** From every page to every other that the person may open. */
export function PlacesNav({ permissions, language }: PlacesNavProps) {
  const names = NAMES[language]
  return (
    <nav className="places" aria-label={names.all}>
      {placesOf(permissions).map(({ name, path }) => (
        <a key={name} href={path} aria-current={location.pathname === path ? 'page' : undefined}>
          {names[name]}
        </a>
      ))}
    </nav>
  )
}
