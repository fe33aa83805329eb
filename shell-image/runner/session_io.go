package main

// readOutput takes the terminal's output as long as there is room: a program that writes more waits.
func (s *session) readOutput() {
	buffer := make([]byte, 32*1024)
	for {
		room := s.waitForRoom()
		if room == 0 {
			return
		}
		n, err := s.master.Read(buffer[:min(room, len(buffer))])
		s.mutex.Lock()
		if n > 0 {
			s.ring.add(buffer[:n])
			s.changed.Broadcast()
		}
		s.mutex.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *session) waitForRoom() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for {
		limit := int64(ringBytes)
		if s.exited != nil {
			limit += lastBytes
		} else if s.current != nil {
			// More of it would stand between a key and its effect.
			limit = windowBytes
		}
		if room := limit - (s.ring.total - s.ring.acked); room > 0 {
			return int(room)
		}
		if s.readToEnd {
			return 0
		}
		s.changed.Wait()
	}
}

// typeInput gives the terminal what was typed, once, and tells how far it is.
func (s *session) typeInput() {
	for {
		s.mutex.Lock()
		for len(s.pending) == 0 {
			s.changed.Wait()
		}
		part := append([]byte(nil), s.pending[:min(typedAtOnce, len(s.pending))]...)
		s.mutex.Unlock()
		// The attached caller learns under which settings it was typed.
		s.lookAtEcho()
		n, err := s.master.Write(part)
		s.mutex.Lock()
		s.pending = s.pending[n:]
		s.typed += int64(n)
		if n > 0 {
			s.tell(kindInput, numbered(s.typed, nil))
		}
		s.mutex.Unlock()
		if err != nil {
			return
		}
	}
}
