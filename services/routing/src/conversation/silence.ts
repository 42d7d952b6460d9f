import { companyLink, languageOf } from './company-words.ts'
import { type Decision, sendingRefusal } from './decision.ts'
import { beginEnding, close } from './ending.ts'
import { handOver } from './turns.ts'

/** The customer wrote nothing for long. A turn that still runs has a deadline of its own, and its end sets this one anew. */
export function expireSilence(decision: Decision, reference: string): void {
  const { conversation } = decision.state
  if (conversation.stage !== 'with_robot' || conversation.silenceReference !== reference) return
  switch (conversation.robot.step) {
    case 'answering':
      return
    case 'awaiting_notice':
      // It is we who were silent: somebody must look after the customer.
      return handOver(decision, 'notice_not_sent', decision.policy.defaultQueue)
    case 'listening': {
      // The customer wrote; what the robot said before is on its way all this time.
      if (conversation.inputs.length > 0)
        return handOver(decision, 'answer_not_sent', decision.policy.defaultQueue)
      const { link: words, silenceLink = words } = decision.policy
      const link = companyLink(silenceLink[languageOf(decision.state.contact)])
      if (sendingRefusal(decision.state, link.type, decision.at) === undefined)
        beginEnding(decision, 'silence', link)
      else close(decision, 'silence')
    }
  }
}
