redis.call('HDEL', head, 'sealed')
return { 'OPEN' }
