BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE earlier (
	id INTEGER NOT NULL, 
	message INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(message) REFERENCES message (id)
);
INSERT INTO "earlier" VALUES(1,1,'Hello',1760000001000000);
CREATE TABLE house (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "house" VALUES('id','0123456789abcdef');
CREATE TABLE member (
	room INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	last_read INTEGER DEFAULT 0 NOT NULL, 
	heed VARCHAR(16) DEFAULT 'all' NOT NULL, 
	PRIMARY KEY (room, person), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(person) REFERENCES person (id)
);
INSERT INTO "member" VALUES(1,1,4,'all');
INSERT INTO "member" VALUES(1,2,5,'mentions');
INSERT INTO "member" VALUES(2,1,1,'all');
INSERT INTO "member" VALUES(3,1,1,'all');
INSERT INTO "member" VALUES(3,2,0,'all');
CREATE TABLE mention (
	message INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	PRIMARY KEY (message, person), 
	FOREIGN KEY(message) REFERENCES message (id), 
	FOREIGN KEY(person) REFERENCES person (id)
);
INSERT INTO "mention" VALUES(7,2);
CREATE TABLE message (
	id INTEGER NOT NULL, 
	room INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	author INTEGER NOT NULL, 
	client_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	at BIGINT NOT NULL, event INTEGER DEFAULT 0 NOT NULL, edited_at BIGINT, deleted_at BIGINT, quoted INTEGER, pinned_at BIGINT, leaves_trace INTEGER DEFAULT 0 NOT NULL, replies INTEGER DEFAULT 0 NOT NULL, last_reply_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (room, number), 
	UNIQUE (author, client_id), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(author) REFERENCES person (id)
);
INSERT INTO "message" VALUES(1,1,1,1,'c1','text','Hello from step 1',1760000001000000,6,1760000008000000,NULL,NULL,NULL,0,0,NULL);
INSERT INTO "message" VALUES(2,1,2,2,'c2','text','Un CAFÉ: https://example.org',1760000002000000,8,NULL,NULL,NULL,1760000007500000,0,1,1760000007000000);
INSERT INTO "message" VALUES(3,1,3,1,'c3','text','明天会议 in the garden',1760000003000000,3,NULL,NULL,2,NULL,0,0,NULL);
INSERT INTO "message" VALUES(4,1,4,3,'c4','joined','',1760000004000000,4,NULL,NULL,NULL,NULL,0,0,NULL);
INSERT INTO "message" VALUES(5,1,5,2,'c5','text','',1760000005000000,7,NULL,1760000009000000,NULL,NULL,0,0,NULL);
INSERT INTO "message" VALUES(6,2,1,1,'c6','text','a secret garden',1760000006000000,1,NULL,NULL,NULL,NULL,0,0,NULL);
INSERT INTO "message" VALUES(7,3,1,1,'c7','text','@Bob a reply',1760000007000000,1,NULL,NULL,NULL,NULL,0,0,NULL);
CREATE TABLE person (
	id INTEGER NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	came_at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "person" VALUES(1,'Ann',1760000000000001);
INSERT INTO "person" VALUES(2,'Bob',1760000000000002);
INSERT INTO "person" VALUES(3,'Cid',1760000000000003);
CREATE TABLE reaction (
	message INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	emoji VARCHAR(64) NOT NULL, 
	id INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (message, emoji, person), 
	FOREIGN KEY(message) REFERENCES message (id), 
	FOREIGN KEY(person) REFERENCES person (id)
);
INSERT INTO "reaction" VALUES(2,1,'🎉',1);
CREATE TABLE room (
	id INTEGER NOT NULL, 
	slug VARCHAR(60) NOT NULL, 
	title VARCHAR(60) NOT NULL, 
	topic VARCHAR(200) NOT NULL, 
	last_number INTEGER NOT NULL, last_event INTEGER DEFAULT 0 NOT NULL, kind VARCHAR(16) DEFAULT 'public' NOT NULL, parent_room INTEGER, parent_number INTEGER, made_by INTEGER, archived_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (slug)
);
INSERT INTO "room" VALUES(1,'lobby','Lobby','Everything that has no room of its own',5,8,'public',NULL,NULL,NULL,NULL);
INSERT INTO "room" VALUES(2,'secret','Secret','For two',1,1,'private',NULL,NULL,1,NULL);
INSERT INTO "room" VALUES(3,'t-1','Un CAFÉ','',1,1,'thread',1,2,1,NULL);
CREATE TABLE token (
	hash BLOB NOT NULL, 
	person INTEGER, 
	PRIMARY KEY (hash), 
	FOREIGN KEY(person) REFERENCES person (id)
);
INSERT INTO "token" VALUES(X'49915E0D7D4B402E3017D010BC1C0E83CAC6C797D6C16E66340FE3268693A6A1',1);
INSERT INTO "token" VALUES(X'81B637D8FCD2C6DA6359E6963113A1170DE795E4B725B84D1E0B4CFD9EC58CE9',2);
INSERT INTO "token" VALUES(X'5424626B932A2FF9D191F0982447A979FDDD8B4BE251E924370CB66900DF018E',NULL);
CREATE TABLE words (
	room INTEGER NOT NULL, 
	person INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (room, person), 
	FOREIGN KEY(room) REFERENCES room (id), 
	FOREIGN KEY(person) REFERENCES person (id)
);
INSERT INTO "words" VALUES(1,1,'not sent yet');
CREATE INDEX ix_token_person ON token (person);
CREATE INDEX message_by_author ON message (author, room, number);
CREATE UNIQUE INDEX message_by_event ON message (room, event);
CREATE INDEX earlier_by_message ON earlier (message);
CREATE UNIQUE INDEX room_by_parent ON room (parent_room, parent_number);
CREATE INDEX message_by_quoted ON message (room, quoted) WHERE quoted IS NOT NULL;
CREATE INDEX message_by_pin ON message (room, pinned_at) WHERE pinned_at IS NOT NULL;
CREATE INDEX message_by_time ON message (room, at);
CREATE INDEX member_by_person ON member (person);
CREATE INDEX mention_by_person ON mention (person, message);
COMMIT;
