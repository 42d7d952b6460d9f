import { LANGUAGES } from '@parley/conversation'
import type { Roster } from '@parley/people'
import { MessageBody } from '@parley/proto/content'
import type { QueueTexts } from '@parley/proto/workforce-configuration'
import { type Company, takenOverBy } from './company.ts'

/**
 * What customers are told of the agent who takes over: a message in each language, in the order of LANGUAGES. Nothing where the company does
 * not want it, and of an agent who came to people.yaml since.
 * @param textsOf the queue's words, as they are in force
 */
export function introductions(
  company: Company,
  { people }: Pick<Roster, 'people'>,
  textsOf: (queue: string) => readonly QueueTexts[] = () => [],
): (agentId: string, queue: string) => readonly MessageBody[] {
  return (agentId, queue) => {
    const [firstName] = people.get(agentId)?.name.trim().split(/\s+/) ?? []
    const texts = firstName === undefined ? undefined : takenOverBy(company, firstName, textsOf(queue))
    if (texts === undefined) return []
    return LANGUAGES.map((language) =>
      MessageBody.fromPartial({ body: { $case: 'text', value: { text: texts[language] } } }),
    )
  }
}
