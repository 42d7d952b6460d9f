import { Menu } from '@mantine/core'
import { PRESENCE, type Presence } from '../api/shapes.ts'
import { useTexts, useWork } from './work.tsx'

interface PresenceMenuProps {
  readonly isOpen: boolean
  readonly onOpen: (isOpen: boolean) => void
  readonly onChoose: (status: Presence) => void
}

export function PresenceMenu({ isOpen, onOpen, onChoose }: PresenceMenuProps) {
  const { desk, me } = useWork()
  const texts = useTexts()
  const status = desk.presenceOf(me.id) ?? 'offline'
  return (
    <Menu opened={isOpen} onChange={onOpen} position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className="presence" data-status={status}>
          <span className="dot" aria-hidden="true" />
          <span className="hidden">{texts.presence.label}: </span>
          {texts.presence[status]}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {PRESENCE.map((each) => (
          <Menu.Item
            key={each}
            onClick={() => onChoose(each)}
            aria-current={each === status ? 'true' : undefined}
          >
            <span className="presence-name" data-status={each}>
              <span className="dot" aria-hidden="true" /> {texts.presence[each]}
            </span>
            <span className="small">{texts.presence.hint[each]}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
