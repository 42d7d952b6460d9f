import type { Metric } from '../catalogue.ts'

export type Definitions = Readonly<Record<Metric, readonly [title: string, is: string]>>

export const en: Definitions = {
  waits: ['Waits', 'Stays in a queue that began.'],
  service_level: [
    'Service level',
    'Answered within the queue’s target ÷ (answered + abandoned). The target is the one in force when the wait began.',
  ],
  service_level_of_answered: [
    'Service level, of answered',
    'Answered within the queue’s target ÷ answered. Abandoned ones are not counted.',
  ],
  service_level_without_short: [
    'Service level, without short abandons',
    'Answered within the target ÷ (answered + abandoned after more than 5 s).',
  ],
  service_level_with_abandoned_in_time: [
    'Service level, abandons in time are good',
    '(Answered + abandoned, both within the target) ÷ (answered + abandoned).',
  ],
  average_speed_of_answer: ['Average speed of answer', 'Time in the queue of what was answered ÷ answered.'],
  abandonment: ['Abandonment', 'Abandoned ÷ (answered + abandoned).'],
  abandonment_without_short: [
    'Abandonment, without short ones',
    'The same without who left within 5 s, above and below the line.',
  ],
  time_to_abandon: ['Time to abandon', 'Time in the queue of what was abandoned ÷ abandoned.'],
  handled: [
    'Handled',
    'Handlings that ended. A handling is all the time that one agent has one conversation.',
  ],
  handle_time: [
    'Handle time',
    '(Time with the agent, hold included + wrap-up) ÷ handled. Parked time is not in it.',
  ],
  wrap_up_time: ['Wrap-up time', 'Wrap-up ÷ handled.'],
  parked_time: ['Parked time', 'Time parked by the agent ÷ handled.'],
  transfer_rate: ['Transfer rate', 'Handlings that ended by a transfer to an agent or a queue ÷ handled.'],
  return_to_robot_rate: ['Back to the robot', 'Handlings given back to the robot ÷ handled.'],
  holds: ['Holds', 'Holds that ended.'],
  hold_time: ['Hold time', 'Time on hold ÷ holds.'],
  signed_in_seconds: ['Time signed in', 'Time in any status but offline.'],
  occupancy: [
    'Occupancy',
    'Time with at least one conversation or wrap-up ÷ all time available, finishing or busy.',
  ],
  concurrency: [
    'Concurrency',
    'Conversations and wrap-ups at a time, while there is at least one. Parked ones are none.',
  ],
  messages_from_customers: ['Messages from customers', 'Messages received, but for answers to a survey.'],
  messages_from_agents: ['Messages from agents', 'Messages that agents sent.'],
  messages_from_robot: ['Messages from the robot', 'Messages that the robot sent.'],
  messages_from_app: [
    'Messages from the WhatsApp app',
    'What somebody of the company sent in the WhatsApp Business app.',
  ],
  messages_from_system: ['Messages from the system', 'Notices and links that were sent.'],
  first_response_time: [
    'First response',
    'From the hand-over to the first message of an agent ÷ hand-overs so answered.',
  ],
  reply_time: [
    'Reply time',
    'From the customer’s first message that nobody had answered to the agent’s next one ÷ replies.',
  ],
  robot_reply_time: ['Robot’s reply time', 'The same of the robot.'],
  opened: ['Opened', 'Conversations that began.'],
  closed: ['Closed', 'Conversations that ended.'],
  conversation_time: ['Conversation time', 'From opened to closed ÷ closed.'],
  hand_over_rate: ['Hand-over rate', 'Closed that were handed over to people at least once ÷ closed.'],
  containment: [
    'Containment',
    'Never handed over to people ÷ those that the robot was asked in. Who gave up is contained, too.',
  ],
  flow_completion: [
    'Flow completion',
    'Never handed over to people, and ended by the flow itself, not by silence, a stop or a block ÷ those that the robot was asked in.',
  ],
  flow_step_reached: ['Steps of a flow', 'Conversations that reached the step ÷ those that began the flow.'],
  reopen_rate: [
    'Reopen rate',
    'Conversations that took up one that ended with an agent ÷ ended with an agent, for whoever had the earlier one.',
  ],
  first_contact_resolution: [
    'First-contact resolution',
    'Ended with an agent, not in a queue, and the customer opened no other conversation within 7 days ÷ ended with an agent.',
  ],
  surveys_asked: ['Surveys asked', 'Surveys that customers were asked.'],
  survey_response_rate: ['Survey response rate', 'Surveys answered ÷ asked.'],
  csat: ['Satisfaction (CSAT)', 'Answers of 4 and 5 ÷ answers.'],
  survey_score: ['Survey score', 'Sum of the scores, 1 to 5 ÷ answers.'],
}
