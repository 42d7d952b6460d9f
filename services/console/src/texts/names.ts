import type { Language } from '../state/written-language.ts'

/** What is called alike on the desk and on the wallboard, which is loaded without the desk's texts. */
const en = {
  stages: {
    with_robot: 'With the robot',
    waiting: 'Waiting',
    offered: 'Being offered',
    with_agent: 'With an agent',
    parked: 'Parked',
    ending: 'Ending',
    closed: 'Closed',
  },
  authors: {
    customer: 'Customer',
    bot: 'Robot',
    agent: 'Agent',
    company: 'Company, in the app',
    system: 'System',
  },
}

const pt: typeof en = {
  stages: {
    with_robot: 'Com o robô',
    waiting: 'Aguardando',
    offered: 'Sendo oferecida',
    with_agent: 'Com atendente',
    parked: 'Estacionada',
    ending: 'Encerrando',
    closed: 'Encerrada',
  },
  authors: {
    customer: 'Cliente',
    bot: 'Robô',
    agent: 'Atendente',
    company: 'Empresa, pelo app',
    system: 'Sistema',
  },
}

const bn: typeof en = {
  stages: {
    with_robot: 'রোবটের কাছে',
    waiting: 'অপেক্ষমাণ',
    offered: 'প্রস্তাবিত',
    with_agent: 'এজেন্টের কাছে',
    parked: 'পার্ক করা',
    ending: 'শেষ হচ্ছে',
    closed: 'সমাপ্ত',
  },
  authors: { customer: 'গ্রাহক', bot: 'রোবট', agent: 'এজেন্ট', company: 'প্রতিষ্ঠান, অ্যাপ থেকে', system: 'সিস্টেম' },
}

export const NAMED: Readonly<Record<Language, typeof en>> = { pt, en, bn }
