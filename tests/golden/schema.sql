-- version 0032

-- index api_token_by_person of api_token
CREATE INDEX api_token_by_person ON api_token (person)

-- index attachment_by_file of attachment
CREATE INDEX attachment_by_file ON attachment (file)

-- index attachment_by_person of attachment
CREATE INDEX attachment_by_person ON attachment (person)

-- index attempt_by_hook of attempt
CREATE INDEX attempt_by_hook ON attempt (hook, id)

-- index audit_by_time of audit
CREATE INDEX audit_by_time ON audit (at)

-- index delivery_by_hook of delivery
CREATE INDEX delivery_by_hook ON delivery (hook, id)

-- index earlier_by_message of earlier
CREATE INDEX earlier_by_message ON earlier (message)

-- index file_unused of file
CREATE INDEX file_unused ON file (unused_since) WHERE unused_since IS NOT NULL

-- index hook_by_room of hook
CREATE INDEX hook_by_room ON hook (room)

-- index invitation_use_by_invitation of invitation_use
CREATE INDEX invitation_use_by_invitation ON invitation_use (invitation, at)

-- index ix_token_person of token
CREATE INDEX ix_token_person ON token (person)

-- index member_by_person of member
CREATE INDEX member_by_person ON member (person)

-- index mention_by_person of mention
CREATE INDEX mention_by_person ON mention (person, message)

-- index message_by_author of message
CREATE INDEX message_by_author ON message (author, room, number)

-- index message_by_event of message
CREATE UNIQUE INDEX message_by_event ON message (room, event)

-- index message_by_files of message
CREATE INDEX message_by_files ON message (room, number) WHERE files > 0

-- index message_by_pin of message
CREATE INDEX message_by_pin ON message (room, pinned_at) WHERE pinned_at IS NOT NULL

-- index message_by_quoted of message
CREATE INDEX message_by_quoted ON message (room, quoted) WHERE quoted IS NOT NULL

-- index message_by_sequence of message
CREATE UNIQUE INDEX message_by_sequence ON message (sequence) WHERE sequence IS NOT NULL

-- index message_by_state of message
CREATE INDEX message_by_state ON message (state) WHERE state IS NOT NULL

-- index message_by_time of message
CREATE INDEX message_by_time ON message (room, at)

-- index name_key_by_key of name_key
CREATE UNIQUE INDEX name_key_by_key ON name_key ("key", place)

-- index outgoing_hook_by_room of outgoing_hook
CREATE INDEX outgoing_hook_by_room ON outgoing_hook (room)

-- index passkey_by_person of passkey
CREATE INDEX passkey_by_person ON passkey (person)

-- index person_by_owner of person
CREATE INDEX person_by_owner ON person (owner)

-- index provider_account_by_subject of provider_account
CREATE UNIQUE INDEX provider_account_by_subject ON provider_account (issuer, subject)

-- index reminder_by_due of reminder
CREATE INDEX reminder_by_due ON reminder (is_due, due_at)

-- index room_by_parent of room
CREATE UNIQUE INDEX room_by_parent ON room (parent_room, parent_number)

-- index scheduled_by_due of scheduled
CREATE INDEX scheduled_by_due ON scheduled (due_at)

-- index sqlite_autoindex_alembic_version_1 of alembic_version
-- (made by SQLite)

-- index sqlite_autoindex_api_token_1 of api_token
-- (made by SQLite)

-- index sqlite_autoindex_attachment_1 of attachment
-- (made by SQLite)

-- index sqlite_autoindex_attachment_2 of attachment
-- (made by SQLite)

-- index sqlite_autoindex_block_1 of block
-- (made by SQLite)

-- index sqlite_autoindex_file_1 of file
-- (made by SQLite)

-- index sqlite_autoindex_hook_1 of hook
-- (made by SQLite)

-- index sqlite_autoindex_house_1 of house
-- (made by SQLite)

-- index sqlite_autoindex_invitation_1 of invitation
-- (made by SQLite)

-- index sqlite_autoindex_invitation_room_1 of invitation_room
-- (made by SQLite)

-- index sqlite_autoindex_member_1 of member
-- (made by SQLite)

-- index sqlite_autoindex_mention_1 of mention
-- (made by SQLite)

-- index sqlite_autoindex_message_1 of message
-- (made by SQLite)

-- index sqlite_autoindex_message_2 of message
-- (made by SQLite)

-- index sqlite_autoindex_name_key_1 of name_key
-- (made by SQLite)

-- index sqlite_autoindex_option_1 of option
-- (made by SQLite)

-- index sqlite_autoindex_passkey_1 of passkey
-- (made by SQLite)

-- index sqlite_autoindex_password_link_1 of password_link
-- (made by SQLite)

-- index sqlite_autoindex_preference_1 of preference
-- (made by SQLite)

-- index sqlite_autoindex_reaction_1 of reaction
-- (made by SQLite)

-- index sqlite_autoindex_reminder_1 of reminder
-- (made by SQLite)

-- index sqlite_autoindex_role_1 of role
-- (made by SQLite)

-- index sqlite_autoindex_room_1 of room
-- (made by SQLite)

-- index sqlite_autoindex_sanction_1 of sanction
-- (made by SQLite)

-- index sqlite_autoindex_saved_1 of saved
-- (made by SQLite)

-- index sqlite_autoindex_scheduled_1 of scheduled
-- (made by SQLite)

-- index sqlite_autoindex_token_1 of token
-- (made by SQLite)

-- index sqlite_autoindex_vote_1 of vote
-- (made by SQLite)

-- index sqlite_autoindex_words_1 of words
-- (made by SQLite)

-- table alembic_version of alembic_version
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)

-- table api_token of api_token
CREATE TABLE api_token (
	id INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	person INTEGER NOT NULL, 
	label VARCHAR(100) NOT NULL, 
	scopes VARCHAR(100) NOT NULL, 
	rooms TEXT, 
	made_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	used_at BIGINT, 
	revoked_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (hash), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table attachment of attachment
CREATE TABLE attachment (
	id VARCHAR(32) NOT NULL, 
	message INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	file VARCHAR(64) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	kind VARCHAR(100) NOT NULL, 
	person INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (message, position), 
	FOREIGN KEY(message) REFERENCES message (id), 
	FOREIGN KEY(file) REFERENCES file (hash), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table attempt of attempt
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	hook INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	webhook_id VARCHAR(64) NOT NULL, 
	sequence INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	status INTEGER NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	problem VARCHAR(16) DEFAULT '' NOT NULL, 
	details TEXT DEFAULT '' NOT NULL, 
	count INTEGER DEFAULT 1 NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(hook) REFERENCES outgoing_hook (id)
)

-- table audit of audit
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	act VARCHAR(32) NOT NULL, 
	actor INTEGER, 
	person INTEGER, 
	room INTEGER, 
	number INTEGER, 
	reason TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id)
)

-- table block of block
CREATE TABLE block (
	person INTEGER NOT NULL, 
	blocked INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (person, blocked), 
	FOREIGN KEY(person) REFERENCES person (id), 
	FOREIGN KEY(blocked) REFERENCES person (id)
)

-- table delivery of delivery
CREATE TABLE delivery (
	id INTEGER NOT NULL, 
	hook INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	size INTEGER NOT NULL, 
	status INTEGER NOT NULL, 
	answer TEXT NOT NULL, 
	number INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(hook) REFERENCES hook (id)
)

-- table earlier of earlier
CREATE TABLE earlier (
	id INTEGER NOT NULL, 
	message INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(message) REFERENCES message (id)
)

-- table file of file
CREATE TABLE file (
	hash VARCHAR(64) NOT NULL, 
	size BIGINT NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	unused_since BIGINT, 
	PRIMARY KEY (hash)
)

-- table hook of hook
CREATE TABLE hook (
	id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	room INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	made_by INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	paused INTEGER DEFAULT 0 NOT NULL, 
	may_call INTEGER DEFAULT 0 NOT NULL, 
	used_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE ("key"), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(person) REFERENCES person (id), 
	FOREIGN KEY(made_by) REFERENCES person (id)
)

-- table house of house
CREATE TABLE house (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
)

-- table invitation of invitation
CREATE TABLE invitation (
	id INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	made_by INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	use_limit INTEGER NOT NULL, 
	used INTEGER NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	revoked_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (hash), 
	FOREIGN KEY(made_by) REFERENCES person (id)
)

-- table invitation_room of invitation_room
CREATE TABLE invitation_room (
	invitation INTEGER NOT NULL, 
	room INTEGER NOT NULL, 
	PRIMARY KEY (invitation, room), 
	FOREIGN KEY(invitation) REFERENCES invitation (id), 
	FOREIGN KEY(room) REFERENCES room (id)
)

-- table invitation_use of invitation_use
CREATE TABLE invitation_use (
	person INTEGER NOT NULL, 
	invitation INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (person), 
	FOREIGN KEY(person) REFERENCES person (id), 
	FOREIGN KEY(invitation) REFERENCES invitation (id)
)

-- table member of member
CREATE TABLE member (
	room INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	last_read INTEGER DEFAULT 0 NOT NULL, 
	heed VARCHAR(16) DEFAULT 'all' NOT NULL, closed_at_number INTEGER, favourite INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (room, person), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table mention of mention
CREATE TABLE mention (
	message INTEGER NOT NULL, 
	person INTEGER NOT NULL, name VARCHAR(128), 
	PRIMARY KEY (message, person), 
	FOREIGN KEY(message) REFERENCES message (id), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table message of message
CREATE TABLE message (
	id INTEGER NOT NULL, 
	room INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	author INTEGER NOT NULL, 
	client_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	at BIGINT NOT NULL, event INTEGER DEFAULT 0 NOT NULL, edited_at BIGINT, deleted_at BIGINT, quoted INTEGER, pinned_at BIGINT, leaves_trace INTEGER DEFAULT 0 NOT NULL, replies INTEGER DEFAULT 0 NOT NULL, last_reply_at BIGINT, files INTEGER DEFAULT 0 NOT NULL, options INTEGER DEFAULT 0 NOT NULL, closed_at BIGINT, via TEXT, state VARCHAR(16), sequence INTEGER, "view" TEXT, report TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (room, number), 
	UNIQUE (author, client_id), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(author) REFERENCES person (id)
)

-- table name_key of name_key
CREATE TABLE name_key (
	person INTEGER NOT NULL, 
	"key" VARCHAR(300) NOT NULL, 
	place INTEGER, 
	PRIMARY KEY (person, "key"), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table notification_settings of notification_settings
CREATE TABLE notification_settings (
	person INTEGER NOT NULL, 
	has_sound INTEGER NOT NULL, 
	keywords TEXT NOT NULL, 
	paused_until BIGINT, 
	PRIMARY KEY (person), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table option of option
CREATE TABLE option (
	message INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (message, position), 
	FOREIGN KEY(message) REFERENCES message (id)
)

-- table outgoing_hook of outgoing_hook
CREATE TABLE outgoing_hook (
	id INTEGER NOT NULL, 
	room INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	made_by INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	url TEXT NOT NULL, 
	secret VARCHAR(64) NOT NULL, 
	events VARCHAR(64) NOT NULL, 
	words TEXT DEFAULT '' NOT NULL, 
	pause VARCHAR(16) DEFAULT '' NOT NULL, 
	position INTEGER NOT NULL, 
	failures INTEGER DEFAULT 0 NOT NULL, 
	next_at BIGINT, 
	used_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(person) REFERENCES person (id), 
	FOREIGN KEY(made_by) REFERENCES person (id)
)

-- table passkey of passkey
CREATE TABLE passkey (
	id INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	credential_id BLOB NOT NULL, 
	credential BLOB NOT NULL, 
	rp_id VARCHAR(253) NOT NULL, 
	label VARCHAR(100) NOT NULL, 
	sign_count BIGINT NOT NULL, 
	made_at BIGINT NOT NULL, 
	used_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person) REFERENCES person (id), 
	UNIQUE (credential_id)
)

-- table password of password
CREATE TABLE password (
	person INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	set_at BIGINT NOT NULL, 
	PRIMARY KEY (person), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table password_link of password_link
CREATE TABLE password_link (
	person INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	expires_at BIGINT NOT NULL, 
	PRIMARY KEY (person), 
	FOREIGN KEY(person) REFERENCES person (id), 
	UNIQUE (hash)
)

-- table person of person
CREATE TABLE person (
	id INTEGER NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	came_at BIGINT NOT NULL, avatar VARCHAR(64) DEFAULT '' NOT NULL, account_kind VARCHAR(16) DEFAULT 'person' NOT NULL, owner INTEGER, seen_at BIGINT, 
	PRIMARY KEY (id)
)

-- table preference of preference
CREATE TABLE preference (
	person INTEGER NOT NULL, 
	name VARCHAR(32) NOT NULL, 
	value VARCHAR(32) NOT NULL, 
	PRIMARY KEY (person, name), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table profile of profile
CREATE TABLE profile (
	person INTEGER NOT NULL, 
	status_emoji VARCHAR(64) DEFAULT '' NOT NULL, 
	status TEXT DEFAULT '' NOT NULL, 
	status_ends_at BIGINT, 
	time_zone VARCHAR(64) DEFAULT '' NOT NULL, 
	last_seen_at BIGINT, 
	PRIMARY KEY (person), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table provider_account of provider_account
CREATE TABLE provider_account (
	person INTEGER NOT NULL, 
	issuer TEXT NOT NULL, 
	subject VARCHAR(255) NOT NULL, 
	mail VARCHAR(320) NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (person), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table reaction of reaction
CREATE TABLE reaction (
	message INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	emoji VARCHAR(64) NOT NULL, 
	id INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (message, emoji, person), 
	FOREIGN KEY(message) REFERENCES message (id), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table reminder of reminder
CREATE TABLE reminder (
	id INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	message INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	is_due INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (person, message), 
	FOREIGN KEY(person) REFERENCES person (id), 
	FOREIGN KEY(message) REFERENCES message (id)
)

-- table role of role
CREATE TABLE role (
	person INTEGER NOT NULL, 
	room INTEGER NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	PRIMARY KEY (person, room), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table room of room
CREATE TABLE room (
	id INTEGER NOT NULL, 
	slug VARCHAR(60) NOT NULL, 
	title VARCHAR(60) NOT NULL, 
	topic VARCHAR(200) NOT NULL, 
	last_number INTEGER NOT NULL, last_event INTEGER DEFAULT 0 NOT NULL, kind VARCHAR(16) DEFAULT 'public' NOT NULL, parent_room INTEGER, parent_number INTEGER, made_by INTEGER, archived_at BIGINT, slow_seconds INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slug)
)

-- table sanction of sanction
CREATE TABLE sanction (
	person INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	until BIGINT, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (person, kind), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table saved of saved
CREATE TABLE saved (
	id INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	message INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (person, message), 
	FOREIGN KEY(person) REFERENCES person (id), 
	FOREIGN KEY(message) REFERENCES message (id)
)

-- table scheduled of scheduled
CREATE TABLE scheduled (
	id INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	room INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	client_id VARCHAR(64) NOT NULL, 
	quoted INTEGER, 
	due_at BIGINT NOT NULL, 
	problem TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (person, client_id), 
	FOREIGN KEY(person) REFERENCES person (id), 
	FOREIGN KEY(room) REFERENCES room (id)
)

-- table search of search
CREATE VIRTUAL TABLE search USING fts5(
    words, content='', tokenize="ascii tokenchars '_='"
)

-- table search_config of search_config
CREATE TABLE 'search_config'(k PRIMARY KEY, v) WITHOUT ROWID

-- table search_data of search_data
CREATE TABLE 'search_data'(id INTEGER PRIMARY KEY, block BLOB)

-- table search_docsize of search_docsize
CREATE TABLE 'search_docsize'(id INTEGER PRIMARY KEY, sz BLOB)

-- table search_idx of search_idx
CREATE TABLE 'search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID

-- table taste of taste
CREATE TABLE taste (
	person INTEGER NOT NULL, 
	recent TEXT NOT NULL, 
	tone INTEGER NOT NULL, 
	PRIMARY KEY (person), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table token of token
CREATE TABLE token (
	hash BLOB NOT NULL, 
	person INTEGER, label VARCHAR(100) DEFAULT '' NOT NULL, made_at BIGINT, used_at BIGINT, renewed_at BIGINT, key_hash BLOB, next_key_hash BLOB, next_key_at BIGINT, 
	PRIMARY KEY (hash), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table vote of vote
CREATE TABLE vote (
	message INTEGER NOT NULL, 
	option INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	id INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (message, option, person), 
	FOREIGN KEY(message) REFERENCES message (id), 
	FOREIGN KEY(person) REFERENCES person (id)
)

-- table words of words
CREATE TABLE words (
	room INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (room, person), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(person) REFERENCES person (id)
)
