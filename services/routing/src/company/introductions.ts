import { LANGUAGES } from '@parley/conversation'
import type { Roster } from '@parley/people'
import { MessageBody } from '@parley/proto/content'
import { type Company, takenOverBy } from './company.ts'

/**
 * What customers are told of the agent who takes over: a message in each language, in the order of LANGUAGES. Nothing where the company does
 * not want it, and of an agent who came to people.yaml since.
 */
export function introductions(
  company: Company,
  { people }: Pick<Roster, 'people'>,
): (agentId: string) => readonly MessageBody[] {
  return (agentId) => {
    const [firstName] = people.get(agentId)?.name.trim().split(/\s+/) ?? []
    const texts = firstName === undefined ? undefined : takenOverBy(company, firstName)
    if (texts === undefined) return []
    return LANGUAGES.map((language) =>
      MessageBody.fromPartial({ body: { $case: 'text', value: { text: texts[language] } } }),
    )
  }
}
