import type { Definitions } from './en.ts'

export const pt: Definitions = {
  waits: ['Esperas', 'Permanências em uma fila que começaram.'],
  service_level: [
    'Nível de serviço',
    'Atendidas dentro da meta da fila ÷ (atendidas + abandonadas). Vale a meta em vigor quando a espera começou.',
  ],
  service_level_of_answered: [
    'Nível de serviço, das atendidas',
    'Atendidas dentro da meta da fila ÷ atendidas. As abandonadas não contam.',
  ],
  service_level_without_short: [
    'Nível de serviço, sem abandonos curtos',
    'Atendidas dentro da meta ÷ (atendidas + abandonadas depois de mais de 5 s).',
  ],
  service_level_with_abandoned_in_time: [
    'Nível de serviço, abandonos no prazo contam a favor',
    '(Atendidas + abandonadas, ambas dentro da meta) ÷ (atendidas + abandonadas).',
  ],
  average_speed_of_answer: ['Tempo médio de espera', 'Tempo na fila das atendidas ÷ atendidas.'],
  abandonment: ['Abandono', 'Abandonadas ÷ (atendidas + abandonadas).'],
  abandonment_without_short: [
    'Abandono, sem os curtos',
    'O mesmo sem quem saiu em até 5 s, em cima e embaixo da divisão.',
  ],
  time_to_abandon: ['Tempo até o abandono', 'Tempo na fila das abandonadas ÷ abandonadas.'],
  handled: [
    'Atendimentos',
    'Atendimentos que terminaram. Um atendimento é todo o tempo em que um atendente tem uma conversa.',
  ],
  handle_time: [
    'Tempo de atendimento',
    '(Tempo com o atendente, com a retenção + finalização) ÷ atendimentos. O tempo estacionado não entra.',
  ],
  wrap_up_time: ['Tempo de finalização', 'Finalização ÷ atendimentos.'],
  parked_time: ['Tempo estacionado', 'Tempo estacionado pelo atendente ÷ atendimentos.'],
  transfer_rate: [
    'Taxa de transferência',
    'Atendimentos que terminaram em transferência a um atendente ou fila ÷ atendimentos.',
  ],
  return_to_robot_rate: ['Devolvidas ao robô', 'Atendimentos devolvidos ao robô ÷ atendimentos.'],
  holds: ['Retenções', 'Retenções que terminaram.'],
  hold_time: ['Tempo de retenção', 'Tempo em retenção ÷ retenções.'],
  signed_in_seconds: ['Tempo conectado', 'Tempo em qualquer estado que não seja offline.'],
  occupancy: [
    'Ocupação',
    'Tempo com ao menos uma conversa ou finalização ÷ todo o tempo disponível, finalizando ou ocupado.',
  ],
  concurrency: [
    'Simultaneidade',
    'Conversas e finalizações ao mesmo tempo, enquanto há ao menos uma. As estacionadas não contam.',
  ],
  messages_from_customers: ['Mensagens de clientes', 'Mensagens recebidas, menos respostas a pesquisas.'],
  messages_from_agents: ['Mensagens de atendentes', 'Mensagens que os atendentes enviaram.'],
  messages_from_robot: ['Mensagens do robô', 'Mensagens que o robô enviou.'],
  messages_from_app: [
    'Mensagens do aplicativo',
    'O que alguém da empresa enviou no aplicativo WhatsApp Business.',
  ],
  messages_from_system: ['Mensagens do sistema', 'Avisos e links enviados.'],
  first_response_time: [
    'Primeira resposta',
    'Da passagem a pessoas até a primeira mensagem de um atendente ÷ passagens assim respondidas.',
  ],
  reply_time: [
    'Tempo de resposta',
    'Da primeira mensagem do cliente ainda sem resposta até a seguinte do atendente ÷ respostas.',
  ],
  robot_reply_time: ['Tempo de resposta do robô', 'O mesmo, do robô.'],
  opened: ['Abertas', 'Conversas que começaram.'],
  closed: ['Encerradas', 'Conversas que terminaram.'],
  conversation_time: ['Duração da conversa', 'Da abertura ao encerramento ÷ encerradas.'],
  hand_over_rate: ['Passagem a pessoas', 'Encerradas que passaram a pessoas ao menos uma vez ÷ encerradas.'],
  containment: [
    'Retidas pelo robô',
    'Nunca passadas a pessoas ÷ aquelas em que o robô foi chamado. Quem desistiu também conta.',
  ],
  flow_completion: [
    'Fluxo concluído',
    'Nunca passadas a pessoas e terminadas pelo próprio fluxo, não por silêncio, parada ou bloqueio ÷ aquelas em que o robô foi chamado.',
  ],
  flow_step_reached: ['Passos de um fluxo', 'Conversas que chegaram ao passo ÷ as que começaram o fluxo.'],
  reopen_rate: [
    'Reabertura',
    'Conversas que retomaram uma encerrada com um agente ÷ encerradas com um agente, para quem teve a anterior.',
  ],
  first_contact_resolution: [
    'Resolução no primeiro contato',
    'Encerradas com um agente, não na fila, sem que o cliente abrisse outra conversa em 7 dias ÷ encerradas com um agente.',
  ],
  surveys_asked: ['Pesquisas feitas', 'Pesquisas perguntadas aos clientes.'],
  survey_response_rate: ['Resposta às pesquisas', 'Pesquisas respondidas ÷ perguntadas.'],
  csat: ['Satisfação (CSAT)', 'Respostas 4 e 5 ÷ respostas.'],
  survey_score: ['Nota da pesquisa', 'Soma das notas, de 1 a 5 ÷ respostas.'],
}
