import { useCallback, useEffect, useMemo, useState } from 'react'

/** Null: the parameter is gone. */
export type Changes = Readonly<Record<string, string | null>>

/** The parameters of the address, which hold what is filtered by: ids, dates and codes, never what people said or are called. */
export function useAddress(): readonly [asked: URLSearchParams, change: (changes: Changes) => void] {
  const [query, setQuery] = useState(location.search)
  useEffect(() => {
    const moved = () => setQuery(location.search)
    window.addEventListener('popstate', moved)
    return () => window.removeEventListener('popstate', moved)
  }, [])
  const change = useCallback((changes: Changes) => {
    const next = new URLSearchParams(location.search)
    for (const [name, value] of Object.entries(changes))
      if (value === null || value === '') next.delete(name)
      else next.set(name, value)
    history.pushState(null, '', `${location.pathname}${next.size === 0 ? '' : `?${next}`}`)
    setQuery(location.search)
  }, [])
  return [useMemo(() => new URLSearchParams(query), [query]), change]
}
